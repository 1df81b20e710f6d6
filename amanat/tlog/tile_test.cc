#include "amanat/tlog/tile.h"

#include <array>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::tlog;

// C2SP tlog-tiles, "Merkle Tree" and "Log Entries".
TEST_CASE("a tile has one path, and the path leads back to it") {
  struct Case {
    std::string_view path;
    TileName name;
  };
  const auto cases = std::to_array<Case>({
      {"tile/0/x001/x234/067", {.level = 0, .index = 1'234'067, .width = 256}},
      {"tile/0/000", {.level = 0, .index = 0, .width = 256}},
      {"tile/1/000.p/1", {.level = 1, .index = 0, .width = 1}},
      {"tile/7/999.p/255", {.level = 7, .index = 999, .width = 255}},
      {"tile/0/x001/000", {.level = 0, .index = 1000, .width = 256}},
      {"tile/entries/x273/063.p/7", {.level = {}, .index = 273'063, .width = 7}},
      {"tile/entries/x018/x446/x744/x073/x709/x551/615",
       {.level = {}, .index = ~std::uint64_t{0}, .width = 256}},
  });
  for (const Case& c : cases) {
    CAPTURE(c.path);
    CHECK(path_of(c.name) == c.path);
    const auto name = parse_tile_path(c.path);
    REQUIRE(name.has_value());
    CHECK(*name == c.name);
  }
}

TEST_CASE("a tile path of any other spelling is refused") {
  for (const std::string_view path :
       {"",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/8/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/63/000",
        "tile/entry/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/x001000",
        "tile/0/x001/",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000/",
        "/tile/0/000",
        "tile//000",
        "tile/0/000 ",
        "tile/0/x1/001",
        "tile/0/X001/000",
        "tile/entries/../000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",  // one past the largest index
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999"}) {
    CAPTURE(path);
    CHECK_FALSE(parse_tile_path(path).has_value());
  }
}

TEST_CASE("how wide a tile is follows from the size of the log") {
  CHECK(width_at(0, 0, 0) == 0);
  CHECK(width_at(0, 0, 1) == 1);
  CHECK(width_at(0, 0, 256) == 256);
  CHECK(width_at(0, 1, 256) == 0);
  CHECK(width_at(0, 1, 300) == 44);
  CHECK(width_at(1, 0, 255) == 0);
  CHECK(width_at(1, 0, 256) == 1);  // a full tile is the first hash of the next level
  CHECK(width_at(1, 0, 65'536) == 256);
  CHECK(width_at(2, 0, 65'536) == 1);
  CHECK(width_at(0, ~std::uint64_t{0}, ~std::uint64_t{0}) == 0);
  CHECK(width_at(7, 0, ~std::uint64_t{0}) == 255);
}

TEST_CASE("a bundle holds exactly its entries, each within its maximum") {
  const std::vector<Bytes> entries{{1, 2, 3}, {}, Bytes(kEntryBytesMax, 7)};
  const Bytes bundle = encode_bundle(entries);
  const auto parsed = parse_bundle(bundle, 3);
  REQUIRE(parsed.has_value());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CHECK(std::ranges::equal((*parsed)[i], entries[i]));
  }
  CHECK_FALSE(parse_bundle(bundle, 2).has_value());
  CHECK_FALSE(parse_bundle(bundle, 4).has_value());
  CHECK_FALSE(parse_bundle(bundle, 0).has_value());
  CHECK_FALSE(parse_bundle(bundle, 257).has_value());
  Bytes too_long{0x04, 0x01};
  too_long.resize(2 + kEntryBytesMax + 1);
  CHECK_FALSE(parse_bundle(too_long, 1).has_value());
}

TEST_CASE("a tile is whole hashes, as many as its width says") {
  const std::vector<merkle::Hash> hashes{merkle::hash_leaf(Bytes{1}), merkle::hash_leaf(Bytes{2})};
  const Bytes tile = encode_tile(hashes);
  CHECK(*parse_tile(tile, 2) == hashes);
  CHECK_FALSE(parse_tile(tile, 1).has_value());
  CHECK_FALSE(parse_tile(tile, 3).has_value());
  CHECK_FALSE(parse_tile({}, 0).has_value());
}
