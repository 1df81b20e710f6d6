#include "amanat/seal/tree_builder.h"

#include <algorithm>

#include "amanat/seal/node_codec.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kPageEndContext = "amanat/page/v1";
constexpr std::uint8_t kPageEndBelow = 4;      // of 256: a page has about 64 nodes
constexpr std::size_t kPageOverhead = 16 + 4;  // context and length
constexpr std::size_t kPagesMax = (std::size_t{1} << 20) / BlobName::kSize;

// A folder whose nodes are still coming.
struct OpenFolder {
  Node node;
  std::string last_name;  // of the node that was added last
  std::vector<Node> page;
  std::size_t page_bytes = kPageOverhead;
  std::vector<BlobName> pages;
};

}  // namespace

struct TreeBuilder::State {
  State(NameKey key, BlobSink blob_sink, EmptyFolders what)
      : name_key(std::move(key)), sink(std::move(blob_sink)), empty(what) {}

  Result<> put(OpenFolder& folder, Node node);
  Result<> end_page(OpenFolder& folder);
  Result<> close_folder();
  Result<> close_to(std::span<const std::string> folders);
  Result<> close_root();
  bool ends_page(std::string_view name) const;

  NameKey name_key;
  BlobSink sink;
  EmptyFolders empty;
  std::string path;              // of the open root
  std::vector<OpenFolder> open;  // from the root's folder down; empty before the first root
  std::vector<ProtectedFolder> done;
};

// Cut by name and not by place, so that a new file changes one page and not all that follow.
bool TreeBuilder::State::ends_page(std::string_view name) const {
  const auto digest =
      crypto::hmac_sha256(name_key.expose(), {as_bytes(kPageEndContext), as_bytes(name)});
  return digest.bytes()[0] < kPageEndBelow;
}

Result<> TreeBuilder::State::end_page(OpenFolder& folder) {
  if (folder.page.empty()) return {};
  if (folder.pages.size() == kPagesMax) {
    return fail(Code::invalid_input, "a folder has more pages than the format can name");
  }
  auto name = sink(BlobType::tree, FolderPage{std::move(folder.page)}.encode());
  if (!name) return carry(name, "storing a folder page");
  folder.pages.push_back(*name);
  folder.page.clear();
  folder.page_bytes = kPageOverhead;
  return {};
}

Result<> TreeBuilder::State::put(OpenFolder& folder, Node node) {
  if (auto sound = check_node(node); !sound) return carry(sound);
  const std::size_t size = node.encode().size();
  if (size > kPageNodesBytesMax) return fail(Code::invalid_input, "a node is too large for a page");
  if (folder.page_bytes + size > kPageTargetBytes) {
    if (auto ended = end_page(folder); !ended) return carry(ended);
  }
  const bool is_end = ends_page(node.name);
  folder.page.push_back(std::move(node));
  folder.page_bytes += size;
  if (is_end) return end_page(folder);
  return {};
}

// The innermost folder is complete: it becomes a node of the one above.
Result<> TreeBuilder::State::close_folder() {
  OpenFolder folder = std::move(open.back());
  open.pop_back();
  if (auto ended = end_page(folder); !ended) return carry(ended);
  if (folder.pages.empty() && empty == EmptyFolders::drop) return {};
  folder.node.content = FolderContent{std::move(folder.pages)};
  return put(open.back(), std::move(folder.node));
}

// Closes folders until the open ones are the root's and `folders`.
Result<> TreeBuilder::State::close_to(std::span<const std::string> folders) {
  std::size_t shared = 0;
  while (shared < folders.size() && shared + 1 < open.size()
         && open[shared + 1].node.name == folders[shared]) {
    ++shared;
  }
  while (open.size() > shared + 1) {
    if (auto closed = close_folder(); !closed) return carry(closed);
  }
  if (shared < folders.size()) {
    return fail(Code::invalid_input, "a node's folder was not added before it");
  }
  return {};
}

Result<> TreeBuilder::State::close_root() {
  if (open.empty()) return {};
  if (auto closed = close_to({}); !closed) return carry(closed);
  OpenFolder root = std::move(open.back());
  open.pop_back();
  if (auto ended = end_page(root); !ended) return carry(ended);
  root.node.content = FolderContent{std::move(root.pages)};
  done.push_back({std::move(path), std::move(root.node)});
  return {};
}

TreeBuilder::TreeBuilder(NameKey name_key, BlobSink sink, EmptyFolders empty)
    : state_(std::make_unique<State>(std::move(name_key), std::move(sink), empty)) {}
TreeBuilder::TreeBuilder(TreeBuilder&&) noexcept = default;
TreeBuilder& TreeBuilder::operator=(TreeBuilder&&) noexcept = default;
TreeBuilder::~TreeBuilder() = default;

Result<> TreeBuilder::begin_root(std::string path, Node folder) {
  if (!is_absolute_path(path)) {
    return fail(Code::invalid_input, "a root's path is not absolute and plain");
  }
  if (!folder.name.empty() || folder.folder() == nullptr) {
    return fail(Code::invalid_input, "a root is a folder without a name");
  }
  if (auto sound = check_node(folder); !sound) return carry(sound);
  if (auto closed = state_->close_root(); !closed) return carry(closed);
  if (std::ranges::find(state_->done, path, &ProtectedFolder::path) != state_->done.end()) {
    return fail(Code::invalid_input, "a root stands twice");
  }
  state_->path = std::move(path);
  state_->open.emplace_back().node = std::move(folder);
  return {};
}

Result<> TreeBuilder::add(std::span<const std::string> folders, Node node) {
  ensure(!state_->open.empty(), "nodes are added below a root");
  if (!is_entry_name(node.name)) return fail(Code::invalid_input, "a name leaves its folder");
  if (auto sound = check_node(node); !sound) return carry(sound);
  if (auto closed = state_->close_to(folders); !closed) return carry(closed);
  OpenFolder& folder = state_->open.back();
  if (folder.last_name >= node.name) return fail(Code::invalid_input, "names do not ascend");
  folder.last_name = node.name;
  if (node.folder() == nullptr) return state_->put(folder, std::move(node));
  if (state_->open.size() == kTreeDepthMax) {
    return fail(Code::invalid_input, "the tree is too deep");
  }
  state_->open.emplace_back().node = std::move(node);
  return {};
}

Result<std::vector<ProtectedFolder>> TreeBuilder::finish() {
  if (auto closed = state_->close_root(); !closed) return carry(closed);
  return std::move(state_->done);
}

}  // namespace amanat::seal
