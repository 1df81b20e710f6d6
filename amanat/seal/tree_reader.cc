#include "amanat/seal/tree_reader.h"

#include <optional>
#include <vector>

namespace amanat::seal {
namespace {

// A folder that is being walked: one of its pages is in memory.
struct Level {
  std::vector<BlobName> pages;
  std::size_t next_page = 0;
  std::vector<Node> nodes;
  std::size_t next_node = 0;
  std::string last_name;
};

Result<> read_page(Level& level, const BlobName& name, const BlobSource& source) {
  auto bytes = source(BlobType::tree, name);
  if (!bytes) return carry(bytes, "reading a folder page");
  auto page = FolderPage::parse(*bytes);
  if (!page) return carry(page);
  // Pages ascend too, so no folder can name one page over and over.
  if (page->nodes.front().name <= level.last_name) {
    return fail(Code::invalid_input, "folder page: names do not ascend from page to page");
  }
  level.last_name = page->nodes.back().name;
  level.nodes = std::move(page->nodes);
  level.next_node = 0;
  return {};
}

// The next node of the folder; nothing when it is at its end. The page that follows is read when it
// is needed.
Result<const Node*> next_node(Level& level, const BlobSource& source,
                              std::span<const std::string> folders, const LostPage& lost) {
  while (level.next_node == level.nodes.size()) {
    if (level.next_page == level.pages.size()) return nullptr;
    auto read = read_page(level, level.pages[level.next_page++], source);
    if (read) continue;
    if (!lost) return carry(read);
    if (auto told = lost(folders, read.error()); !told) return carry(told);
  }
  return &level.nodes[level.next_node++];
}

}  // namespace

Result<> walk_tree(const Node& root, const BlobSource& source, const NodeVisitor& visit,
                   const TreeLimits& limits, const LostPage& lost) {
  const FolderContent* top = root.folder();
  if (top == nullptr) return fail(Code::invalid_input, "a root is no folder");
  std::vector<Level> levels;
  std::vector<std::string> folders;  // one fewer than levels
  levels.emplace_back().pages = top->pages;
  std::uint64_t seen = 0;
  while (!levels.empty()) {
    auto found = next_node(levels.back(), source, folders, lost);
    if (!found) return carry(found);
    const Node* node = *found;
    if (node == nullptr) {
      levels.pop_back();
      if (!folders.empty()) folders.pop_back();
      continue;
    }
    if (++seen > limits.nodes_max) return fail(Code::invalid_input, "the tree has too many nodes");
    auto descend = visit(folders, *node);
    if (!descend) return carry(descend);
    const FolderContent* folder = node->folder();
    if (folder == nullptr || *descend == Descend::no) continue;
    if (levels.size() == limits.depth_max) {
      return fail(Code::invalid_input, "the tree is too deep");
    }
    Level below;
    below.pages = folder->pages;
    folders.push_back(node->name);
    levels.push_back(std::move(below));
  }
  return {};
}

}  // namespace amanat::seal
