#include "amanat/seal/tree.h"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "amanat/seal/node_codec.h"
#include "amanat/seal/test_world.h"
#include "amanat/seal/tree_builder.h"
#include "amanat/seal/tree_reader.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

// Blobs in memory, by name.
struct Shelf {
  NameKey key = key_of<NameKey>("shelf");
  std::map<BlobName, Bytes> blobs;

  BlobName put(ByteView plain) {
    const BlobName name = name_blob(key, BlobType::tree, plain);
    blobs[name] = Bytes(plain.begin(), plain.end());
    return name;
  }
  BlobSink sink() {
    return [this](BlobType type, ByteView plain) -> Result<BlobName> {
      CHECK(type == BlobType::tree);
      return put(plain);
    };
  }
  BlobSource source() const {
    return [this](BlobType, const BlobName& name) -> Result<Bytes> {
      const auto found = blobs.find(name);
      if (found == blobs.end()) return fail(Code::not_found, "no such blob");
      return found->second;
    };
  }
  TreeBuilder builder(EmptyFolders empty = EmptyFolders::keep) {
    return TreeBuilder(key.duplicate(), sink(), empty);
  }
};

Node file(std::string name, std::uint64_t size = 0) {
  Node node;
  node.name = std::move(name);
  node.mode = 0644;
  node.mtime_ns = -1;
  FileContent content{.size = size, .holes = {}, .parts = {}};
  if (size > 0) content.parts = {{id_of<CompartmentId>("c"), 0, size, {id_of<BlobName>("blob")}}};
  node.content = std::move(content);
  return node;
}

Node folder(std::string name) {
  Node node;
  node.name = std::move(name);
  node.mode = 0755;
  node.content = FolderContent{};
  return node;
}

Node link_to(std::string name, std::string target) {
  Node node;
  node.name = std::move(name);
  node.mode = 0777;
  node.content = LinkContent{std::move(target)};
  return node;
}

Result<std::vector<std::string>> walk(const Node& root, const BlobSource& source,
                                      const TreeLimits& limits = {}) {
  std::vector<std::string> paths;
  auto walked = walk_tree(
      root, source,
      [&](std::span<const std::string> folders, const Node& node) -> Result<Descend> {
        std::string path;
        for (const std::string& name : folders) path += name + "/";
        paths.push_back(path + node.name);
        return Descend::yes;
      },
      limits);
  if (!walked) return carry(walked);
  return paths;
}

}  // namespace

TEST_CASE("a tree that was built is walked in the order in which it was added") {
  Shelf shelf;
  auto builder = shelf.builder();
  REQUIRE(builder.begin_root("/storage/photos", folder("")));
  const std::vector<std::string> none;
  const std::vector<std::string> music{"music"};
  const std::vector<std::string> deep{"music", "old"};
  REQUIRE(builder.add(none, file("a.txt", 5)));
  REQUIRE(builder.add(none, folder("music")));
  REQUIRE(builder.add(music, link_to("latest", "old/song")));
  REQUIRE(builder.add(music, folder("old")));
  REQUIRE(builder.add(deep, file("song", 9)));
  REQUIRE(builder.add(music, file("z")));
  REQUIRE(builder.add(none, folder("nothing")));
  REQUIRE(builder.begin_root("/sdcard", folder("")));
  auto roots = builder.finish();
  REQUIRE(roots.has_value());
  REQUIRE(roots->size() == 2);

  TreeRoot root{
      .segments = {{PackId{}, id_of<BlobName>("segment")}}, .dictionaries = {}, .roots = *roots};
  auto parsed = TreeRoot::parse(root.encode());
  REQUIRE(parsed.has_value());
  CHECK(*parsed == root);
  CHECK(parsed->roots[0].path == "/storage/photos");
  CHECK(walk(parsed->roots[0].folder, shelf.source()).value()
        == std::vector<std::string>{"a.txt", "music", "music/latest", "music/old", "music/old/song",
                                    "music/z", "nothing"});
  CHECK(walk(parsed->roots[1].folder, shelf.source()).value().empty());
}

TEST_CASE("folders in which nothing was put are dropped when the builder is told so") {
  Shelf shelf;
  auto builder = shelf.builder(EmptyFolders::drop);
  REQUIRE(builder.begin_root("/", folder("")));
  REQUIRE(builder.add({}, folder("a")));
  REQUIRE(builder.add(std::vector<std::string>{"a"}, folder("empty")));
  REQUIRE(builder.add({}, folder("b")));
  REQUIRE(builder.add(std::vector<std::string>{"b"}, file("x")));
  auto roots = builder.finish();
  REQUIRE(roots.has_value());
  CHECK(walk((*roots)[0].folder, shelf.source()).value() == std::vector<std::string>{"b", "b/x"});
}

TEST_CASE("a builder refuses what would not be one tree in order") {
  Shelf shelf;
  auto builder = shelf.builder();
  CHECK(!builder.begin_root("relative", folder("")));
  CHECK(!builder.begin_root("/a/../b", folder("")));
  CHECK(!builder.begin_root("/a", folder("named")));
  CHECK(!builder.begin_root("/a", file("")));
  REQUIRE(builder.begin_root("/a", folder("")));
  REQUIRE(builder.add({}, file("m")));
  CHECK(builder.add({}, file("m")).error().code == Code::invalid_input);
  CHECK(builder.add({}, file("a")).error().code == Code::invalid_input);
  CHECK(builder.add(std::vector<std::string>{"m"}, file("x")).error().code == Code::invalid_input);
  CHECK(builder.add({}, file("../x")).error().code == Code::invalid_input);
  CHECK(builder.add({}, file("..")).error().code == Code::invalid_input);
  Node gap = file("n", 10);
  std::get<FileContent>(gap.content).parts[0].offset = 1;
  CHECK(builder.add({}, gap).error().code == Code::invalid_input);
  CHECK(!builder.begin_root("/a", folder("")));
}

TEST_CASE("one new file in a large folder changes few pages") {
  Shelf shelf;
  const auto build = [&](bool with_new) {
    auto builder = shelf.builder();
    REQUIRE(builder.begin_root("/a", folder("")));
    for (int i = 0; i < 3000; ++i) {
      std::string name = "f" + std::to_string(10'000 + i);
      REQUIRE(builder.add({}, file(name)));
      if (with_new && i == 1500) REQUIRE(builder.add({}, file(name + "+")));
    }
    return builder.finish().value()[0].folder;
  };
  const Node before = build(false);
  const auto pages = before.folder()->pages.size();
  CHECK(pages > 20);
  CHECK(pages < 120);  // about 64 nodes each
  const std::size_t blobs = shelf.blobs.size();
  build(true);
  CHECK(shelf.blobs.size() <= blobs + 2);
}

TEST_CASE("a page ends before it would pass 1 MiB, and a larger node has a page of its own") {
  Shelf shelf;
  auto builder = shelf.builder();
  REQUIRE(builder.begin_root("/a", folder("")));
  for (int i = 0; i < 40; ++i) {
    Node big = file("f" + std::to_string(100 + i), 4'000);
    std::get<FileContent>(big.content)
        .parts[0]
        .names.assign(i == 20 ? 40'000 : 4'000, id_of<BlobName>("blob"));
    std::get<FileContent>(big.content).parts[0].length = 40'000;
    std::get<FileContent>(big.content).size = 40'000;
    REQUIRE(builder.add({}, big));
  }
  Node too_big = file("g", 140'000);
  std::get<FileContent>(too_big.content).parts[0].names.assign(140'000, id_of<BlobName>("blob"));
  CHECK(builder.add({}, too_big).error().code == Code::invalid_input);
  REQUIRE(builder.finish());
  std::size_t above = 0;
  for (const auto& [name, blob] : shelf.blobs) above += blob.size() > (1 << 20) ? 1 : 0;
  CHECK(above == 1);
}

TEST_CASE("a node's parts and holes cover the file without gap or overlap") {
  const auto compartment = id_of<CompartmentId>("c");
  const std::vector names{id_of<BlobName>("one")};
  Node node = file("x");
  FileContent content{.size = 30,
                      .holes = {{10, 5}, {25, 5}},
                      .parts = {{compartment, 0, 10, names}, {compartment, 15, 10, names}}};
  bool sound = false;
  SUBCASE("sound") { sound = true; }
  SUBCASE("only a hole") {
    content = {.size = 9, .holes = {{0, 9}}, .parts = {}};
    sound = true;
  }
  SUBCASE("a gap") { content.holes[0].length = 4; }
  SUBCASE("an overlap") { content.parts[1].offset = 14; }
  SUBCASE("too short") { content.holes.pop_back(); }
  SUBCASE("past the end") { content.size = 29; }
  SUBCASE("an empty hole") { content.holes.insert(content.holes.begin(), {0, 0}); }
  SUBCASE("an empty part") { content.parts.insert(content.parts.begin(), {compartment, 0, 0, {}}); }
  SUBCASE("lengths that wrap around") { content.parts[1].length = ~std::uint64_t{0} - 3; }
  SUBCASE("a part without blobs") { content.parts[0].names.clear(); }
  SUBCASE("a part longer than its blobs can be") {
    content = {.size = 9 << 20, .holes = {}, .parts = {{compartment, 0, 9 << 20, names}}};
  }
  node.content = content;
  CHECK(Node::parse(node.encode()).has_value() == sound);
  CHECK(check_node(node).has_value() == sound);
}

TEST_CASE("names that leave their folder do not parse") {
  for (const std::string_view name : {"", ".", "..", "a/b", "/"}) {
    CAPTURE(name);
    CHECK(!FolderPage::parse(FolderPage{{file(std::string(name))}}.encode()));
  }
  CHECK(!FolderPage::parse(FolderPage{{file(std::string("a\0b", 3))}}.encode()));
  CHECK(FolderPage::parse(FolderPage{{file("..."), file(std::string(255, 'x'))}}.encode()));
  CHECK(!FolderPage::parse(FolderPage{}.encode()));
  CHECK(!FolderPage::parse(FolderPage{{file("b"), file("a")}}.encode()));
  CHECK(!FolderPage::parse(FolderPage{{file("a"), file("a")}}.encode()));
}

TEST_CASE("nodes keep attributes, times before 1970, link groups and targets") {
  Node node = file("x", 3);
  node.mtime_ns = -1'000'000'007;
  node.link_group = 9;
  node.attributes = {{"user.comment", Bytes{1, 2, 3}}, {"user.empty", {}}};
  CHECK(Node::parse(node.encode()).value() == node);
  node.attributes.push_back({"user.empty", {}});
  CHECK(!Node::parse(node.encode()));
  Node other = link_to("l", "target");
  CHECK(Node::parse(other.encode()).value() == other);
  CHECK(!Node::parse(link_to("l", "").encode()));
  other.mode = 010000;
  CHECK(!Node::parse(other.encode()));
}

TEST_CASE("a tree root names each dictionary and each folder once") {
  TreeRoot root{.segments = {}, .dictionaries = {{1, {}}}, .roots = {{"/a", folder("")}}};
  CHECK(TreeRoot::parse(root.encode()).has_value());
  SUBCASE("a number twice") { root.dictionaries.push_back({1, {}}); }
  SUBCASE("number 0") { root.dictionaries.push_back({0, {}}); }
  SUBCASE("a path twice") { root.roots.push_back({"/a", folder("")}); }
  SUBCASE("a relative path") { root.roots.push_back({"a", folder("")}); }
  SUBCASE("a path that climbs") { root.roots.push_back({"/a/..", folder("")}); }
  SUBCASE("an empty component") { root.roots.push_back({"/a//b", folder("")}); }
  SUBCASE("a file for a root") { root.roots.push_back({"/f", file("")}); }
  SUBCASE("a name") { root.roots.push_back({"/f", folder("f")}); }
  CHECK(TreeRoot::parse(root.encode()).error().code == Code::invalid_input);
}

TEST_CASE("walking stops at a tree that is too deep, too wide or out of order") {
  Shelf shelf;
  // Every level holds two folders that are one page: 2^40 nodes from 40 blobs.
  Node below = folder("");
  for (int level = 0; level < 40; ++level) {
    FolderPage page{{folder("a"), folder("b")}};
    for (Node& node : page.nodes) node.content = below.content;
    below.content = FolderContent{{shelf.put(page.encode())}};
  }
  CHECK(walk(below, shelf.source(), {.depth_max = 64, .nodes_max = 10'000}).error().code
        == Code::invalid_input);
  CHECK(walk(below, shelf.source(), {.depth_max = 10, .nodes_max = 10'000}).error().code
        == Code::invalid_input);

  Node repeats = folder("");
  const auto page = shelf.put(FolderPage{{file("x")}}.encode());
  repeats.content = FolderContent{{page, page}};
  CHECK(walk(repeats, shelf.source()).error().code == Code::invalid_input);
  repeats.content = FolderContent{{id_of<BlobName>("missing")}};
  CHECK(walk(repeats, shelf.source()).error().code == Code::not_found);
  CHECK(walk(file(""), shelf.source()).error().code == Code::invalid_input);
}

TEST_CASE("a visitor may skip a folder and may stop the walk") {
  Shelf shelf;
  auto builder = shelf.builder();
  REQUIRE(builder.begin_root("/a", folder("")));
  REQUIRE(builder.add({}, folder("a")));
  REQUIRE(builder.add(std::vector<std::string>{"a"}, file("x")));
  REQUIRE(builder.add({}, file("b")));
  const Node root = builder.finish().value()[0].folder;
  int seen = 0;
  REQUIRE(walk_tree(root, shelf.source(), [&](auto, const Node&) -> Result<Descend> {
    ++seen;
    return Descend::no;
  }));
  CHECK(seen == 2);
  CHECK(walk_tree(root, shelf.source(),
                  [](auto, const Node&) -> Result<Descend> { return fail(Code::denied, "enough"); })
            .error()
            .code
        == Code::denied);
}

TEST_CASE("the deepest tree that can be built can be walked") {
  Shelf shelf;
  auto builder = shelf.builder();
  REQUIRE(builder.begin_root("/a", folder("")));
  std::vector<std::string> folders;
  while (folders.size() + 1 < kTreeDepthMax) {
    REQUIRE(builder.add(folders, folder("d")));
    folders.emplace_back("d");
  }
  CHECK(builder.add(folders, folder("d")).error().code == Code::invalid_input);
  REQUIRE(builder.add(folders, file("x")));
  std::size_t deepest = 0;
  const Node root = builder.finish().value()[0].folder;
  REQUIRE(walk_tree(root, shelf.source(), [&](auto above, const Node&) -> Result<Descend> {
    deepest = std::max(deepest, above.size());
    return Descend::yes;
  }));
  CHECK(deepest == kTreeDepthMax - 1);
}
