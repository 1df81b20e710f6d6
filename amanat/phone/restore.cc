#include "amanat/phone/restore.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "amanat/phone/destination.h"
#include "amanat/phone/file_records.h"
#include "amanat/phone/restore_plan.h"
#include "amanat/phone/vault_reader.h"
#include "amanat/phone/vault_steps.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kZerosBytes = 256 << 10;

/// A file on its way back.
struct PlannedFile {
  std::string path;
  std::uint64_t size = 0;
  FileTraits traits;
  std::size_t pieces_left = 0;
  bool is_begun = false;
  bool is_replacing = false;
  bool is_named = false;  // it stands under its path
  std::string damage;     // empty: none
};

struct PlannedLink {
  std::string path;
  std::string target;
  std::int64_t mtime_ns = 0;
};

/// A name of a file that has several.
struct LinkedName {
  std::string path;
  std::int64_t mtime_ns = 0;
  seal::FileContent content;
  std::optional<std::uint32_t> file;  // none: it was there already
};

/// Another name of it.
struct PlannedTwin {
  std::string path;
  std::string existing;
  std::optional<std::uint32_t> file;
  bool is_replacing = false;
};

class RestoreRun {
 public:
  RestoreRun(Session& session, const RestoreOptions& options, Progress& progress,
             Destination destination)
      : session_(session),
        options_(options),
        progress_(progress),
        destination_(std::move(destination)),
        records_(session.records()),
        fetcher_(session) {}

  Result<RestoreReport> run() {
    if (auto done = open_trees(); !done) return carry(done);
    if (auto done = place_all_roots(); !done) return carry(done);
    for (std::size_t i = 0; i < trees_.size(); ++i) {
      if (auto done = plan_tree(i); !done) return carry(done);
    }
    if (auto done = write_files(); !done) return carry(done);
    if (auto done = write_links(); !done) return carry(done);
    if (auto done = settle_folders(); !done) return carry(done);
    report_.fetched_bytes = fetcher_.fetched_bytes();
    return std::move(report_);
  }

 private:
  struct OpenTree {
    seal::DeviceId device;
    std::unique_ptr<TreeReader> reader;
    std::size_t number = 0;
    std::uint32_t first_pack = 0;  // its packs are numbered from here
  };
  using RootKey = std::pair<std::string, seal::DeviceId>;

  Result<> open_trees() {
    auto heads = session_.link().heads(session_.device());
    if (!heads) return carry(heads);
    if (auto done = catch_up_keyring(session_, *heads); !done) return done;
    auto snapshots = read_snapshots(session_, *heads);
    if (!snapshots) return carry(snapshots);
    if (snapshots->empty()) {
      return fail(Code::not_found, "nothing was protected yet: run amanat protect first");
    }
    auto frames = read_pack_frames(session_);
    if (!frames) return carry(frames);
    progress_.begin("reading trees", 0, 0);
    for (const OpenSnapshot& snapshot : *snapshots) {
      for (const seal::SnapshotTree& tree : snapshot.snapshot.trees) {
        if (!is_wanted(tree.compartment)) continue;
        KnownPacks known;
        if (is_own(snapshot.device)) {
          known = [this, id = tree.compartment] {
            return records_.packs_to_index(id, FileRecords::WhichPacks::all);
          };
        }
        auto reader = TreeReader::open(session_.keyring().body, fetcher_, *frames, tree, known);
        if (!reader) {
          if (auto told = tell_of_tree(tree, reader.error()); !told) return told;
          continue;
        }
        trees_.push_back({.device = snapshot.device,
                          .reader = std::move(*reader),
                          .number = trees_.size(),
                          .first_pack = 0});
      }
    }
    return {};
  }

  /// Whether phone.db knows the files of this device's trees.
  bool is_own(const seal::DeviceId& device) const { return device == session_.device_id(); }

  bool is_wanted(const seal::CompartmentId& id) const {
    if (!options_.only) return true;
    const seal::KeyringBody& body = session_.keyring().body;
    const auto* compartment = body.find_compartment(id);
    return compartment != nullptr
           && std::ranges::any_of(compartment->grants, [&](const consent::GrantId& grant) {
                const auto* known = body.find_grant(grant);
                return known != nullptr && known->category == *options_.only;
              });
  }

  /// Networks that fail end the restore; a tree that is closed or damaged does not.
  Result<> tell_of_tree(const seal::SnapshotTree& tree, const Error& error) {
    if (error.code == Code::unavailable) return std::unexpected(error);
    if (error.code == Code::denied
        || session_.keyring().body.find_compartment(tree.compartment) == nullptr) {
      ++report_.closed_trees;
      return {};
    }
    report_.unnamed.push_back({.path = "all files of one compartment", .reason = error.message});
    return {};
  }

  Result<> place_all_roots() {
    std::set<RootKey> roots;
    for (const OpenTree& tree : trees_) {
      for (const auto& root : tree.reader->roots()) roots.emplace(root.path, tree.device);
      if (tree.reader->has_root()) continue;
      auto known = known_roots(tree.reader->compartment());
      if (!known) return carry(known);
      for (const RootRow& root : *known) roots.emplace(root.path, tree.device);
    }
    std::vector<std::string> paths;
    for (const RootKey& root : roots) paths.push_back(root.first);
    const std::vector<std::string> places = place_roots(paths);
    std::size_t i = 0;
    for (const RootKey& root : roots) places_.emplace(root, places[i++]);
    report_.folders = roots.size();
    return {};
  }

  /// The protected folders that have files in a compartment, as phone.db knows them.
  Result<std::vector<RootRow>> known_roots(const seal::CompartmentId& compartment) {
    auto roots = records_.roots();
    if (!roots) return carry(roots);
    auto rows = records_.tree_rows(compartment);
    if (!rows) return carry(rows);
    std::set<std::uint64_t> used;
    for (const TreeRow& row : *rows) used.insert(row.root);
    std::erase_if(*roots, [&](const RootRow& root) { return !used.contains(root.id); });
    return roots;
  }

  Result<> plan_tree(std::size_t number) {
    OpenTree& tree = trees_[number];
    tree.first_pack = static_cast<std::uint32_t>(pack_trees_.size());
    pack_trees_.resize(pack_trees_.size() + tree.reader->packs().size(), number);
    seen_.clear();
    bool is_damaged = !tree.reader->has_root();
    for (const seal::ProtectedFolder& root : tree.reader->roots()) {
      const std::string& place = places_.at({root.path, tree.device});
      note_folder(place, root.folder);
      const auto lost = [&](std::span<const std::string> folders, const Error& why) -> Result<> {
        if (why.code == Code::unavailable) return std::unexpected(why);
        is_damaged = true;
        if (!is_own(tree.device)) tell_of_page(place, folders, why);
        return {};
      };
      const auto source = [&](seal::BlobType type, const seal::BlobName& name) {
        return tree.reader->read(type, name);
      };
      const auto visit = [&](std::span<const std::string> folders,
                             const seal::Node& node) -> Result<seal::Descend> {
        auto planned = plan_node(tree, place, folders, node);
        if (!planned) return carry(planned);
        return seal::Descend::yes;
      };
      if (auto walked = seal::walk_tree(root.folder, source, visit, {}, lost); !walked) {
        return carry(walked, "reading a tree");
      }
    }
    if (is_damaged && is_own(tree.device)) {
      if (auto done = plan_known_files(tree); !done) return carry(done);
    }
    // Pages may have shown packs that no data lies in; numbers must stay apart all the same.
    pack_trees_.resize(tree.first_pack + tree.reader->packs().size(), number);
    return {};
  }

  void tell_of_page(const std::string& place, std::span<const std::string> folders,
                    const Error& why) {
    std::string path = place;
    for (const std::string& folder : folders) path = join(path, folder);
    report_.unnamed.push_back(
        {.path = "some of what is in " + (path.empty() ? std::string("the folder itself") : path),
         .reason = why.message});
  }

  /// What a damaged tree does not show any more, as phone.db knows it.
  Result<> plan_known_files(OpenTree& tree) {
    auto roots = known_roots(tree.reader->compartment());
    if (!roots) return carry(roots);
    auto rows = records_.tree_rows(tree.reader->compartment());
    if (!rows) return carry(rows);
    for (const RootRow& root : *roots) {
      const auto place = places_.find({root.path, tree.device});
      if (place == places_.end()) continue;
      if (auto done = note_known_folders(place->second, root); !done) return done;
      for (const TreeRow& row : *rows) {
        if (row.root != root.id || seen_.contains(join(place->second, row.path))) continue;
        auto node = seal::Node::parse(row.node);
        if (!node) return carry(node, "a file in phone.db");
        std::vector<std::string> folders;
        for (std::size_t at = 0, slash = 0; (slash = row.path.find('/', at)) != std::string::npos;
             at = slash + 1) {
          folders.push_back(row.path.substr(at, slash - at));
        }
        if (auto done = plan_node(tree, place->second, folders, *node); !done) return done;
      }
    }
    return {};
  }

  Result<> note_known_folders(const std::string& place, const RootRow& root) {
    if (!root.node.empty()) {
      auto node = seal::Node::parse(root.node);
      if (!node) return carry(node, "a protected folder in phone.db");
      note_folder(place, *node);
    }
    auto folders = records_.folders(root.id);
    if (!folders) return carry(folders);
    for (const FolderRow& folder : *folders) {
      auto node = seal::Node::parse(folder.node);
      if (!node) return carry(node, "a folder in phone.db");
      note_folder(join(place, folder.path), *node);
    }
    return {};
  }

  Result<> plan_node(OpenTree& tree, const std::string& place, std::span<const std::string> folders,
                     const seal::Node& node) {
    std::string below;
    for (const std::string& folder : folders) below += folder + '/';
    below += node.name;
    if (options_.pattern && !matches(*options_.pattern, below)) {
      if (node.folder() != nullptr) note_folder(join(place, below), node);
      return {};
    }
    const std::string path = join(place, below);
    if (is_own(tree.device)) seen_.insert(path);
    if (node.folder() != nullptr) {
      note_folder(path, node);
      if (node.folder()->pages.empty()) wanted_folders_.insert(path);
      return {};
    }
    if (const seal::LinkContent* link = node.link()) {
      links_.push_back({.path = path, .target = link->target, .mtime_ns = node.mtime_ns});
      return {};
    }
    return plan_file(tree, path, node);
  }

  static std::string join(const std::string& place, const std::string& below) {
    return place.empty() ? below : place + '/' + below;
  }

  /// Several trees show one folder; the newest of its times is the right one.
  void note_folder(const std::string& path, const seal::Node& node) {
    const auto [found, is_new] = folders_.try_emplace(path);
    if (is_new || found->second.mtime_ns < node.mtime_ns) {
      found->second = {.mode = node.mode, .mtime_ns = node.mtime_ns, .attributes = node.attributes};
    }
  }

  Result<> plan_file(OpenTree& tree, const std::string& path, const seal::Node& node) {
    const seal::FileContent& content = *node.file();
    auto standing = destination_.look(path);
    if (!standing && standing.error().code == Code::conflict) return leave_in_the_way(path);
    if (!standing) return carry(standing);
    const LinkedName* first = find_linked(tree, node);
    if (holds(tree, path, node, *standing)) {
      ++report_.already_there;
      if (first == nullptr) remember_linked(tree, path, node, {});
      return {};
    }
    const bool is_there = standing->kind != Standing::Kind::nothing;
    if (is_there && !may_replace(path, content, *standing)) return leave_in_the_way(path);
    if (first != nullptr) {
      twins_.push_back(
          {.path = path, .existing = first->path, .file = first->file, .is_replacing = is_there});
      return {};
    }
    const auto number = static_cast<std::uint32_t>(files_.size());
    PlannedFile file{
        .path = path,
        .size = content.size,
        .traits = {.mode = node.mode, .mtime_ns = node.mtime_ns, .attributes = node.attributes},
        .pieces_left = 0,
        .is_begun = false,
        .is_replacing = is_there,
        .damage = {}};
    for (const seal::Part& part : content.parts) add_pieces(tree, number, part, file);
    files_.push_back(std::move(file));
    remember_linked(tree, path, node, number);
    return {};
  }

  Result<> leave_in_the_way(const std::string& path) {
    report_.in_the_way.push_back(path);
    return {};
  }

  bool holds(const OpenTree& tree, const std::string& path, const seal::Node& node,
             const Standing& standing) {
    const seal::FileContent& content = *node.file();
    if (standing.kind != Standing::Kind::file || standing.size != content.size) return false;
    return options_.verify ? holds_content(tree, path, content)
                           : standing.mtime_ns == node.mtime_ns;
  }

  bool may_replace(const std::string& path, const seal::FileContent& content,
                   const Standing& standing) {
    if (standing.kind == Standing::Kind::folder) return false;
    if (options_.overwrite) return true;
    return standing.kind == Standing::Kind::file && standing.size == content.size
           && destination_.is_incomplete(path);
  }

  /// An earlier name of the same file: numbers of groups alone may join what was read at different
  /// times, so the content must be the same too.
  const LinkedName* find_linked(const OpenTree& tree, const seal::Node& node) const {
    if (node.link_group == 0) return nullptr;
    const auto [begin, end] = linked_.equal_range({tree.number, node.link_group});
    const auto found = std::find_if(begin, end, [&](const auto& known) {
      return known.second.mtime_ns == node.mtime_ns && known.second.content == *node.file();
    });
    return found == end ? nullptr : &found->second;
  }

  void remember_linked(const OpenTree& tree, const std::string& path, const seal::Node& node,
                       std::optional<std::uint32_t> file) {
    if (node.link_group == 0) return;
    linked_.emplace(
        std::pair(tree.number, node.link_group),
        LinkedName{.path = path, .mtime_ns = node.mtime_ns, .content = *node.file(), .file = file});
  }

  void add_pieces(OpenTree& tree, std::uint32_t number, const seal::Part& part, PlannedFile& file) {
    if (part.compartment != tree.reader->compartment()) {
      file.damage = "a part lies in another compartment";
      return;
    }
    std::uint64_t at = part.offset;
    for (const seal::BlobName& name : part.names) {
      const TreeReader::Location* location = tree.reader->find(name);
      if (location == nullptr || location->place.type != seal::BlobType::data) {
        file.damage = "a blob is in no pack that the index names";
        return;
      }
      pieces_.push_back({.file = number,
                         .offset = at,
                         .pack = tree.first_pack + location->pack,
                         .place = location->place});
      ++file.pieces_left;
      at += location->place.raw;
    }
    if (at != part.offset + part.length) file.damage = "its blobs do not add up to its size";
  }

  /// Whether a file that is there holds exactly these blobs.
  bool holds_content(const OpenTree& tree, const std::string& path,
                     const seal::FileContent& content) {
    auto file = destination_.folder().open_below(path);
    if (!file) return false;
    for (const seal::Part& part : content.parts) {
      std::uint64_t at = part.offset;
      for (const seal::BlobName& name : part.names) {
        const TreeReader::Location* location = tree.reader->find(name);
        if (location == nullptr) return false;
        Bytes bytes(location->place.raw);
        if (!file->read_at(at, bytes)) return false;
        if (seal::name_blob(tree.reader->name_key(), seal::BlobType::data, bytes) != name) {
          return false;
        }
        at += bytes.size();
      }
    }
    return std::ranges::all_of(content.holes,
                               [&](const seal::Hole& hole) { return holds_zeros(*file, hole); });
  }

  static bool holds_zeros(const OpenFile& file, const seal::Hole& hole) {
    Bytes bytes(kZerosBytes);
    for (std::uint64_t at = 0; at < hole.length;) {
      bytes.resize(std::min<std::uint64_t>(kZerosBytes, hole.length - at));
      if (!file.read_at(hole.offset + at, bytes)) return false;
      if (!std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; })) return false;
      at += bytes.size();
    }
    return true;
  }

  Result<> write_files() {
    std::uint64_t bytes = 0;
    for (const PlannedFile& file : files_) bytes += file.size;
    progress_.begin("restoring", bytes, files_.size());
    for (std::uint32_t i = 0; i < files_.size(); ++i) {
      if (files_[i].pieces_left != 0) continue;
      if (auto done = finish(i); !done) return done;
    }
    std::vector<std::uint32_t> frames;
    for (const OpenTree& tree : trees_) {
      for (const PackPlace& pack : tree.reader->packs()) frames.push_back(pack.frames);
    }
    for (const PackJob& job : plan_packs(std::exchange(pieces_, {}), frames)) {
      if (auto done = run_job(job); !done) return done;
    }
    progress_.end();
    return {};
  }

  Result<> run_job(const PackJob& job) {
    const OpenTree& tree = trees_[pack_trees_[job.pack]];
    const PackPlace& pack = tree.reader->packs()[job.pack - tree.first_pack];
    auto source = job.runs.empty() ? whole_source(pack) : run_source(pack, job.runs);
    if (!source && source.error().code == Code::unavailable) return carry(source);
    if (!source) return spoil(job, source.error().message);
    auto reader = tree.reader->open_pack(pack, std::move(*source));
    if (!reader && reader.error().code == Code::unavailable) return carry(reader);
    if (!reader) return spoil(job, reader.error().message);
    std::optional<Bytes> plain;
    const seal::PackEntry* entry = nullptr;
    for (const Piece& piece : job.pieces) {
      if (entry == nullptr || *entry != piece.place) {
        auto read = reader->read_blob(piece.place);
        plain.reset();
        entry = &piece.place;
        if (read) plain = std::move(*read);
        if (!read && read.error().code == Code::unavailable) return carry(read);
        if (!read) files_[piece.file].damage = read.error().message;
      }
      if (!plain && files_[piece.file].damage.empty()) {
        files_[piece.file].damage = "a blob of it is damaged";
      }
      if (auto done = put(piece, plain ? ByteView(*plain) : ByteView()); !done) return done;
    }
    return {};
  }

  Result<seal::PackSource> whole_source(const PackPlace& pack) {
    auto bytes = fetcher_.whole(pack.id, pack.frames);
    if (!bytes) return carry(bytes);
    return seal::source_over(*bytes);
  }

  /// Serves the runs that were fetched, and the header at the end.
  Result<seal::PackSource> run_source(const PackPlace& pack, const std::vector<FrameRun>& runs) {
    auto parts = std::make_shared<std::map<std::uint64_t, Bytes>>();
    for (const FrameRun& run : runs) {
      const std::uint64_t offset = std::uint64_t{run.first} * seal::kFrameBytes;
      auto bytes = fetcher_.range(pack.id, offset, std::size_t{run.count} * seal::kFrameBytes);
      if (!bytes) return carry(bytes);
      parts->emplace(offset, std::move(*bytes));
    }
    return seal::PackSource{
        .frames = pack.frames,
        .read = [this, parts, id = pack.id](std::uint64_t offset,
                                            std::size_t size) -> Result<Bytes> {
          auto after = parts->upper_bound(offset);
          if (after != parts->begin()) {
            const auto& [start, bytes] = *std::prev(after);
            if (offset - start <= bytes.size() && size <= bytes.size() - (offset - start)) {
              const ByteView part =
                  ByteView(bytes).subspan(static_cast<std::size_t>(offset - start), size);
              return Bytes(part.begin(), part.end());
            }
          }
          return fetcher_.range(id, offset, size);
        }};
  }

  Result<> spoil(const PackJob& job, const std::string& why) {
    for (const Piece& piece : job.pieces) {
      files_[piece.file].damage = why;
      if (auto done = put(piece, {}); !done) return done;
    }
    return {};
  }

  /// Fills a piece of a file; nothing leaves the zeros that are there.
  Result<> put(const Piece& piece, ByteView plain) {
    PlannedFile& file = files_[piece.file];
    if (!file.is_begun) {
      file.is_begun = true;
      auto begun = destination_.begin_file(piece.file, file.size);
      if (!begun) return carry(begun, "restoring a file");
    }
    if (!plain.empty()) {
      if (piece.offset > file.size || plain.size() > file.size - piece.offset) {
        file.damage = "its blobs do not add up to its size";
      } else if (auto done = destination_.write(piece.file, piece.offset, plain); !done) {
        return carry(done, "restoring a file");
      }
    }
    progress_.add(plain.size(), 0);
    if (--file.pieces_left != 0) return {};
    return finish(piece.file);
  }

  Result<> finish(std::uint32_t number) {
    PlannedFile& file = files_[number];
    if (!file.damage.empty()) {
      report_.damaged.push_back({.path = file.path, .reason = file.damage});
      // What stands there may be better than what is left of it.
      if (file.is_replacing) return destination_.discard_file(number);
    }
    if (!file.is_begun) {
      auto begun = destination_.begin_file(number, file.size);
      if (!begun) return carry(begun, "restoring a file");
    }
    std::optional<FileTraits> traits;
    if (file.damage.empty()) traits = std::move(file.traits);
    auto done = destination_.finish_file(number, file.path, traits, file.is_replacing);
    if (!done && done.error().code == Code::conflict) {
      report_.in_the_way.push_back(file.path);
      return {};
    }
    if (!done) return carry(done, "restoring a file");
    progress_.add(0, 1);
    file.is_named = true;
    if (!file.damage.empty()) return {};
    ++report_.files;
    report_.bytes += file.size;
    return {};
  }

  Result<> write_links() {
    for (const PlannedTwin& twin : twins_) {
      if (auto done = write_twin(twin); !done) return done;
    }
    for (const PlannedLink& link : links_) {
      if (auto done = write_link(link); !done) return done;
    }
    return {};
  }

  Result<> write_twin(const PlannedTwin& twin) {
    const PlannedFile* file = twin.file ? &files_[*twin.file] : nullptr;
    const bool is_damaged = file != nullptr && !file->damage.empty();
    if (is_damaged) {
      report_.damaged.push_back({.path = twin.path, .reason = file->damage});
      if (twin.is_replacing || !file->is_named) return {};
    }
    if (file != nullptr && !file->is_named) return leave_in_the_way(twin.path);
    auto done = destination_.make_hard_link(twin.path, twin.existing, twin.is_replacing);
    if (!done && done.error().code == Code::conflict) return leave_in_the_way(twin.path);
    if (!done) return carry(done, "restoring a file");
    if (!is_damaged) ++report_.links;
    return {};
  }

  Result<> write_link(const PlannedLink& link) {
    auto standing = destination_.look(link.path);
    if (!standing && standing.error().code == Code::conflict) return leave_in_the_way(link.path);
    if (!standing) return carry(standing);
    if (standing->kind == Standing::Kind::link
        && destination_.read_symlink(link.path) == link.target) {
      ++report_.already_there;
      return {};
    }
    if (standing->kind == Standing::Kind::folder) return leave_in_the_way(link.path);
    auto done =
        destination_.make_symlink(link.path, link.target, link.mtime_ns, options_.overwrite);
    if (!done && done.error().code == Code::conflict) return leave_in_the_way(link.path);
    if (!done) return carry(done, "restoring a link");
    ++report_.links;
    return {};
  }

  /// Folders get their modes and times last, the innermost first, when nothing more is put in.
  Result<> settle_folders() {
    for (const std::string& path : wanted_folders_) {
      auto done = destination_.make_folder(path);
      if (!done && done.error().code == Code::conflict) {
        report_.in_the_way.push_back(path);
        continue;
      }
      if (!done) return carry(done, "restoring a folder");
    }
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
      if (folder->first.empty() && !destination_.is_new()) continue;
      if (!folder->first.empty()) {
        auto standing = look_only(folder->first);
        if (!standing) continue;  // nothing was restored in it
      }
      auto done = destination_.set_folder_traits(folder->first, folder->second);
      if (!done) report_.damaged.push_back({.path = folder->first, .reason = done.error().message});
    }
    return {};
  }

  bool look_only(const std::string& path) const {
    std::error_code problem;
    return std::filesystem::is_directory(
        std::filesystem::symlink_status(options_.destination / path, problem));
  }

  Session& session_;
  const RestoreOptions& options_;
  Progress& progress_;
  Destination destination_;
  FileRecords records_;
  PackFetcher fetcher_;
  std::vector<OpenTree> trees_;
  std::map<RootKey, std::string> places_;
  std::vector<std::size_t> pack_trees_;  // by number of pack: the tree it belongs to
  std::vector<PlannedFile> files_;
  std::vector<Piece> pieces_;
  std::vector<PlannedLink> links_;
  std::vector<PlannedTwin> twins_;
  std::multimap<std::pair<std::size_t, std::uint64_t>, LinkedName> linked_;  // by tree and group
  std::set<std::string> seen_;  // paths that the present tree showed, where phone.db knows them
  std::map<std::string, FileTraits> folders_;
  std::set<std::string> wanted_folders_;
  RestoreReport report_;
};

}  // namespace

Result<RestoreReport> restore(Session& session, const RestoreOptions& options, Progress& progress) {
  auto destination = Destination::open(options.destination);
  if (!destination) return carry(destination);
  RestoreRun run(session, options, progress, std::move(*destination));
  return run.run();
}

}  // namespace amanat::phone
