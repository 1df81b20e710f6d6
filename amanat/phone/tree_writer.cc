#include "amanat/phone/tree_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "amanat/phone/file_sealer.h"
#include "amanat/seal/tree_builder.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kSegmentsMax = 256;  // more are made into few again

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t slash = path.find('/');
    names.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return names;
    path.remove_prefix(slash + 1);
  }
}

/// Adds rows of one root in order, each folder before the first thing in it.
class RootFiller {
 public:
  /// Borrows all. `stored` are blobs that some pack has, damaged or not.
  RootFiller(seal::TreeBuilder& builder, const SealingSession& session, const BlobNames& stored,
             const TreeFolder& folder)
      : builder_(builder), session_(session), stored_(stored), folder_(folder) {}

  Result<> add(const TreeRow& row) {
    if (row.node.size() > seal::kPageNodesBytesMax) return {};  // no tree can show it
    auto node = seal::Node::parse(row.node);
    if (!node) return carry(node, "a file in phone.db");
    // Blobs of a run that was cut off may be gone; that file is sealed again with its own folder.
    if (node->file() != nullptr && !is_stored(*node->file())) return {};
    std::vector<std::string> folders = split_path(row.path);
    folders.pop_back();
    std::size_t shared = 0;
    while (shared < folders.size() && shared < open_.size() && open_[shared] == folders[shared]) {
      ++shared;
    }
    open_.resize(shared);
    while (open_.size() < folders.size()) {
      if (auto added = add_folder(folders[open_.size()]); !added) return added;
    }
    return builder_.add(open_, std::move(*node));
  }

 private:
  bool is_stored(const seal::FileContent& content) const {
    return std::ranges::all_of(content.parts, [&](const seal::Part& part) {
      return part.compartment == session_.compartment()
             && std::ranges::all_of(part.names, [&](const seal::BlobName& name) {
                  return session_.knows(name) || stored_.contains(name);
                });
    });
  }

  Result<> add_folder(const std::string& name) {
    std::string path;
    for (const std::string& above : open_) path += above + '/';
    seal::Node node{.name = name,
                    .mode = 0755,
                    .mtime_ns = 0,
                    .link_group = 0,
                    .attributes = {},
                    .content = seal::FolderContent{}};
    if (const auto known = folder_.folders.find(path + name); known != folder_.folders.end()) {
      auto parsed = seal::Node::parse(known->second);
      if (!parsed) return carry(parsed, "a folder in phone.db");
      node = std::move(*parsed);
    }
    if (auto added = builder_.add(open_, std::move(node)); !added) return added;
    open_.push_back(name);
    return {};
  }

  seal::TreeBuilder& builder_;
  const SealingSession& session_;
  const BlobNames& stored_;
  const TreeFolder& folder_;
  std::vector<std::string> open_;
};

Result<std::vector<seal::ProtectedFolder>> write_pages(const TreeFolders& folders,
                                                       std::vector<TreeRow> rows,
                                                       const BlobNames& stored,
                                                       SealingSession& session) {
  std::ranges::sort(rows, [](const TreeRow& a, const TreeRow& b) {
    return a.root != b.root ? a.root < b.root : comes_before(a.path, b.path);
  });
  seal::TreeBuilder builder(
      session.name_key().duplicate(),
      [&](seal::BlobType type, ByteView plain) { return session.store(type, plain); });
  for (auto row = rows.begin(); row != rows.end();) {
    const auto folder = folders.find(row->root);
    if (folder == folders.end()) return fail(Code::corrupt, "phone.db has files of no folder");
    auto node = seal::Node::parse(folder->second.row.node);
    if (!node) return carry(node, "a protected folder in phone.db");
    auto begun = builder.begin_root(folder->second.row.path, std::move(*node));
    if (!begun) return carry(begun);
    RootFiller filler(builder, session, stored, folder->second);
    for (const std::uint64_t root = row->root; row != rows.end() && row->root == root; ++row) {
      if (auto added = filler.add(*row); !added) return carry(added, "writing a folder's page");
    }
  }
  return builder.finish();
}

/// Index segments and the root of one tree, on their way into packs.
class TreeEnd {
 public:
  TreeEnd(FileRecords& records, SealingSession& session, std::vector<seal::ProtectedFolder> folders)
      : records_(records), session_(session) {
    root_.roots = std::move(folders);
  }

  Result<FileRecords::CommittedTree> write() {
    auto older = records_.segments(session_.compartment());
    if (!older) return carry(older);
    auto resolve = all_resolve(*older);
    if (!resolve) return carry(resolve);
    if (older->size() < kSegmentsMax && *resolve) {
      older_ = std::move(*older);
    } else {
      kept_.replaces_segments = true;
    }
    if (auto made = make_room(); !made) return carry(made);
    for (const Bytes& segment : segments_) {
      // Its bytes may be those of an earlier segment; its place must be one that we know.
      auto name = session_.store_anew(seal::BlobType::index, segment);
      if (!name) return carry(name);
      kept_.segments.push_back({.pack = {}, .name = *name});
      lies_in_.push_back(session_.packs().size());
    }
    return write_root();
  }

 private:
  /// Whether all these lie where they say; when earlier ones do not, all are made again.
  Result<bool> all_resolve(const std::vector<seal::BlobPlace>& places) {
    for (const seal::BlobPlace& place : places) {
      auto pack = records_.pack_of(session_.compartment(), place.name);
      if (!pack) return carry(pack);
      if (*pack != place.pack) return false;
    }
    return true;
  }

  // What an index must name may not be left in a pack that is neither indexed nor the root's.
  Result<> make_room() {
    while (true) {
      if (auto made = make_segments(); !made) return made;
      std::size_t size = root_size();
      for (const Bytes& segment : segments_) size += segment.size();
      if (session_.has_room(size, segments_.size() + 1) || !session_.holds_indexed_content()) {
        return {};
      }
      if (auto done = session_.finish_pack(seal::Padding::ladder); !done) return done;
    }
  }

  Result<> make_segments() {
    auto packs = records_.packs_to_index(
        session_.compartment(), kept_.replaces_segments ? FileRecords::WhichPacks::all
                                                        : FileRecords::WhichPacks::unindexed);
    if (!packs) return carry(packs);
    segments_.clear();
    kept_.indexed.clear();
    for (const seal::IndexSegment& segment : seal::index_packs(*packs)) {
      segments_.push_back(segment.encode());
    }
    for (const seal::IndexedPack& pack : *packs) kept_.indexed.push_back(pack.pack.id);
    return {};
  }

  std::size_t root_size() const {
    seal::TreeRoot root = root_;
    root.segments.resize(older_.size() + segments_.size());
    return root.encode().size();
  }

  Result<FileRecords::CommittedTree> write_root() {
    if (!session_.has_room(root_size(), 1)) {
      if (auto done = session_.finish_pack(seal::Padding::ladder); !done) return carry(done);
    }
    root_.segments = older_;
    for (std::size_t i = 0; i < kept_.segments.size(); ++i) {
      if (lies_in_[i] < session_.packs().size()) {
        kept_.segments[i].pack = session_.packs()[lies_in_[i]];
      }
      root_.segments.push_back(kept_.segments[i]);
    }
    // A root shows what else is in its pack, so an equal one in another pack does not serve.
    auto name = session_.store_anew(seal::BlobType::tree, root_.encode());
    if (!name) return carry(name);
    if (auto done = session_.finish_pack(seal::Padding::ladder); !done) return carry(done);
    const seal::PackId pack = session_.packs().back();
    kept_.tree = {.compartment = session_.compartment(), .pack = pack, .root = *name};
    for (seal::BlobPlace& segment : kept_.segments) {
      if (segment.pack.is_zero()) segment.pack = pack;
    }
    if (auto sound = check_places(); !sound) return carry(sound);
    return std::move(kept_);
  }

  // A tree whose places are not true opens nothing: better no commit than that one.
  Result<> check_places() {
    std::vector<seal::BlobPlace> places = older_;
    places.insert(places.end(), kept_.segments.begin(), kept_.segments.end());
    places.push_back({.pack = kept_.tree.pack, .name = kept_.tree.root});
    auto resolve = all_resolve(places);
    if (!resolve) return carry(resolve);
    if (!*resolve) return fail(Code::corrupt, "a part of the tree is not in the pack it names");
    return {};
  }

  FileRecords& records_;
  SealingSession& session_;
  seal::TreeRoot root_;
  std::vector<seal::BlobPlace> older_;
  std::vector<Bytes> segments_;
  std::vector<std::size_t> lies_in_;  // number of the pack each new segment lies in
  FileRecords::CommittedTree kept_;
};

}  // namespace

bool comes_before(std::string_view a, std::string_view b) {
  // '/' is below every byte of a name, which makes the order of paths that of a walk.
  const auto weight = [](char byte) {
    return byte == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(byte)) + 1;
  };
  return std::ranges::lexicographical_compare(a, b, {}, weight, weight);
}

Result<TreeFolders> read_tree_folders(FileRecords& records) {
  auto roots = records.roots();
  if (!roots) return carry(roots);
  TreeFolders all;
  for (RootRow& root : *roots) {
    auto folders = records.folders(root.id);
    if (!folders) return carry(folders);
    TreeFolder& folder = all[root.id];
    folder.row = std::move(root);
    for (FolderRow& row : *folders) folder.folders.emplace(row.path, std::move(row.node));
  }
  return all;
}

Result<std::optional<FileRecords::CommittedTree>> write_tree(FileRecords& records,
                                                             const TreeFolders& folders,
                                                             SealingSession& session) {
  using Written = std::optional<FileRecords::CommittedTree>;
  auto rows = records.tree_rows(session.compartment());
  if (!rows) return carry(rows);
  if (rows->empty()) return Written();
  auto stored = records.blob_names(session.compartment());
  if (!stored) return carry(stored);
  auto pages = write_pages(folders, std::move(*rows), *stored, session);
  if (!pages) return carry(pages);
  auto written = TreeEnd(records, session, std::move(*pages)).write();
  if (!written) return carry(written, "writing a tree");
  return Written(std::move(*written));
}

}  // namespace amanat::phone
