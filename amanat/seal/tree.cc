#include "amanat/seal/tree.h"

#include <algorithm>
#include <set>

#include "amanat/codec/codec.h"
#include "amanat/seal/node_codec.h"
#include "amanat/seal/read_each.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kPageContext = "amanat/folder/v1";
constexpr std::string_view kRootContext = "amanat/tree-root/v1";
constexpr std::size_t kSegmentsBytesMax = 65'536;
constexpr std::size_t kDictionariesBytesMax = 16'575;
constexpr std::size_t kRootsBytesMax = std::size_t{1} << 23;

void write_place(codec::Writer& writer, const BlobPlace& place) {
  writer.raw(place.pack.bytes());
  writer.raw(place.name.bytes());
}

BlobPlace read_place(codec::Reader& reader) {
  BlobPlace place;
  place.pack = reader.id<PackId>();
  place.name = reader.id<BlobName>();
  return place;
}

void write_dictionaries(codec::Writer& writer, const std::vector<TreeDictionary>& dictionaries) {
  codec::Writer inner;
  for (const TreeDictionary& dictionary : dictionaries) {
    inner.u8(dictionary.number);
    write_place(inner, dictionary.place);
  }
  writer.vector16(inner.bytes(), kDictionariesBytesMax);
}

std::vector<TreeDictionary> read_dictionaries(codec::Reader& reader) {
  std::vector<TreeDictionary> dictionaries;
  std::set<std::uint8_t> seen;
  const ByteView bytes = reader.vector16(kDictionariesBytesMax);
  read_each(reader, bytes, "dictionaries", [&](codec::Reader& inner) {
    TreeDictionary dictionary;
    dictionary.number = inner.u8();
    if (dictionary.number == 0) inner.refuse("dictionaries are numbered from 1");
    if (!seen.insert(dictionary.number).second) inner.refuse("a dictionary's number stands twice");
    dictionary.place = read_place(inner);
    dictionaries.push_back(dictionary);
  });
  return dictionaries;
}

std::vector<ProtectedFolder> read_roots(codec::Reader& reader) {
  std::vector<ProtectedFolder> roots;
  std::set<std::string> seen;
  read_each(reader, reader.vector32(kRootsBytesMax), "roots", [&](codec::Reader& inner) {
    ProtectedFolder root;
    root.path = as_text(inner.vector16(kPathBytesMax));
    if (!is_absolute_path(root.path)) inner.refuse("a root's path is not absolute and plain");
    if (!seen.insert(root.path).second) inner.refuse("a root stands twice");
    root.folder = read_node(inner);
    if (!root.folder.name.empty()) inner.refuse("a root's folder has a name");
    if (root.folder.folder() == nullptr) inner.refuse("a root is no folder");
    roots.push_back(std::move(root));
  });
  return roots;
}

}  // namespace

bool is_absolute_path(std::string_view path) {
  if (path.size() > kPathBytesMax || !path.starts_with('/')) return false;
  if (path == "/") return true;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    if (!is_entry_name(path.substr(0, end))) return false;
    path.remove_prefix(end);
  }
  return true;
}

Bytes FolderPage::encode() const {
  codec::Writer inner;
  for (const Node& node : nodes) write_node(inner, node);
  codec::Writer writer;
  writer.raw(kPageContext);
  writer.vector32(inner.bytes(), kPageNodesBytesMax);
  return std::move(writer).take();
}

Result<FolderPage> FolderPage::parse(ByteView bytes) {
  codec::Reader reader(bytes);
  FolderPage page;
  reader.expect(kPageContext, "it is no folder page");
  read_each(reader, reader.vector32(kPageNodesBytesMax), "nodes", [&](codec::Reader& inner) {
    Node node = read_node(inner);
    if (node.name.empty()) inner.refuse("a node has no name");
    if (!page.nodes.empty() && page.nodes.back().name >= node.name) {
      inner.refuse("names do not ascend");
    }
    page.nodes.push_back(std::move(node));
  });
  if (page.nodes.empty()) reader.refuse("the page is empty");
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return page;
}

Bytes TreeRoot::encode() const {
  codec::Writer places;
  for (const BlobPlace& place : segments) write_place(places, place);
  codec::Writer folders;
  for (const ProtectedFolder& root : roots) {
    folders.vector16(as_bytes(root.path), kPathBytesMax);
    write_node(folders, root.folder);
  }
  codec::Writer writer;
  writer.raw(kRootContext);
  writer.vector32(places.bytes(), kSegmentsBytesMax);
  write_dictionaries(writer, dictionaries);
  writer.vector32(folders.bytes(), kRootsBytesMax);
  return std::move(writer).take();
}

Result<TreeRoot> TreeRoot::parse(ByteView bytes) {
  codec::Reader reader(bytes);
  TreeRoot root;
  reader.expect(kRootContext, "it is no tree root");
  read_each(reader, reader.vector32(kSegmentsBytesMax), "segments",
            [&](codec::Reader& inner) { root.segments.push_back(read_place(inner)); });
  root.dictionaries = read_dictionaries(reader);
  root.roots = read_roots(reader);
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return root;
}

}  // namespace amanat::seal
