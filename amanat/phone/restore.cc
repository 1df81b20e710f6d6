#include "amanat/phone/restore.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "amanat/phone/destination.h"
#include "amanat/phone/restore_plan.h"
#include "amanat/phone/vault_reader.h"
#include "amanat/phone/vault_steps.h"

namespace amanat::phone {
namespace {

/// A file on its way back.
struct PlannedFile {
  std::string path;
  std::uint64_t size = 0;
  FileTraits traits;
  std::size_t pieces_left = 0;
  bool is_begun = false;
  bool is_replacing = false;
  std::string damage;  // empty: none
};

struct PlannedLink {
  std::string path;
  std::string target;
  std::int64_t mtime_ns = 0;
};

struct PlannedTwin {
  std::string path;
  std::string existing;
};

class RestoreRun {
 public:
  RestoreRun(Session& session, const RestoreOptions& options, Progress& progress,
             Destination destination)
      : session_(session),
        options_(options),
        progress_(progress),
        destination_(std::move(destination)),
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
        auto reader = TreeReader::open(session_.keyring().body, fetcher_, *frames, tree);
        if (!reader) {
          if (auto told = tell_of_tree(tree, reader.error()); !told) return told;
          continue;
        }
        trees_.push_back({.device = snapshot.device, .reader = std::move(*reader)});
      }
    }
    return {};
  }

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
    report_.damaged.push_back({.path = "(all files of one compartment)", .reason = error.message});
    return {};
  }

  Result<> place_all_roots() {
    std::set<RootKey> roots;
    for (const OpenTree& tree : trees_) {
      for (const auto& root : tree.reader->roots()) roots.emplace(root.path, tree.device);
    }
    std::vector<std::string> paths;
    for (const RootKey& root : roots) paths.push_back(root.first);
    const std::vector<std::string> places = place_roots(paths);
    std::size_t i = 0;
    for (const RootKey& root : roots) places_.emplace(root, places[i++]);
    report_.folders = roots.size();
    return {};
  }

  Result<> plan_tree(std::size_t number) {
    OpenTree& tree = trees_[number];
    tree.first_pack = static_cast<std::uint32_t>(pack_trees_.size());
    pack_trees_.resize(pack_trees_.size() + tree.reader->packs().size(), number);
    for (const seal::ProtectedFolder& root : tree.reader->roots()) {
      const std::string& place = places_.at({root.path, tree.device});
      note_folder(place, root.folder);
      const auto source = [&](seal::BlobType type, const seal::BlobName& name) {
        return tree.reader->read(type, name);
      };
      const auto visit = [&](std::span<const std::string> folders,
                             const seal::Node& node) -> Result<seal::Descend> {
        auto planned = plan_node(tree, place, folders, node);
        if (!planned) return carry(planned);
        return seal::Descend::yes;
      };
      auto walked = seal::walk_tree(root.folder, source, visit);
      if (!walked && walked.error().code == Code::unavailable) return walked;
      if (!walked) {
        report_.damaged.push_back(
            {.path = place.empty() ? "(some folders)" : place + "/(some folders)",
             .reason = walked.error().message});
      }
    }
    // Pages may have shown packs that no data lies in; numbers must stay apart all the same.
    pack_trees_.resize(tree.first_pack + tree.reader->packs().size(), number);
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
    if (node.link_group != 0) {
      const auto [first, is_new] = linked_.try_emplace({tree.first_pack, node.link_group}, path);
      if (!is_new) {
        twins_.push_back({.path = path, .existing = first->second});
        return {};
      }
    }
    auto standing = destination_.look(path);
    if (!standing) return carry(standing);
    bool is_there = standing->kind != Standing::Kind::nothing;
    if (standing->kind == Standing::Kind::file && standing->size == content.size
        && (options_.verify ? holds_content(tree, path, content)
                            : standing->mtime_ns == node.mtime_ns)) {
      ++report_.already_there;
      return {};
    }
    if (is_there && (!options_.overwrite || standing->kind == Standing::Kind::folder)) {
      report_.in_the_way.push_back(path);
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
    return {};
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
    if (!file.damage.empty()) {
      report_.damaged.push_back({.path = file.path, .reason = file.damage});
      return {};
    }
    ++report_.files;
    report_.bytes += file.size;
    return {};
  }

  Result<> write_links() {
    for (const PlannedTwin& twin : twins_) {
      auto standing = destination_.look(twin.path);
      if (!standing) return carry(standing);
      if (standing->kind != Standing::Kind::nothing && !options_.overwrite) {
        ++report_.already_there;
        continue;
      }
      auto done = destination_.make_hard_link(twin.path, twin.existing, options_.overwrite);
      if (!done) {
        report_.damaged.push_back({.path = twin.path, .reason = done.error().message});
        continue;
      }
      ++report_.links;
    }
    for (const PlannedLink& link : links_) {
      auto standing = destination_.look(link.path);
      if (!standing) return carry(standing);
      if (standing->kind == Standing::Kind::link && !options_.overwrite) {
        ++report_.already_there;
        continue;
      }
      auto done =
          destination_.make_symlink(link.path, link.target, link.mtime_ns, options_.overwrite);
      if (!done && done.error().code == Code::conflict) {
        report_.in_the_way.push_back(link.path);
        continue;
      }
      if (!done) return done;
      ++report_.links;
    }
    return {};
  }

  /// Folders get their modes and times last, the innermost first, when nothing more is put in.
  Result<> settle_folders() {
    for (const std::string& path : wanted_folders_) {
      if (auto done = destination_.make_folder(path); !done) return done;
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
  PackFetcher fetcher_;
  std::vector<OpenTree> trees_;
  std::map<RootKey, std::string> places_;
  std::vector<std::size_t> pack_trees_;  // by number of pack: the tree it belongs to
  std::vector<PlannedFile> files_;
  std::vector<Piece> pieces_;
  std::vector<PlannedLink> links_;
  std::vector<PlannedTwin> twins_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> linked_;
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
