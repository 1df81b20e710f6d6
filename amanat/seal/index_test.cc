#include "amanat/seal/index.h"

#include <doctest/doctest.h>

#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

PackEntry place(const BlobName& name, std::uint32_t offset) {
  return {.name = name, .offset = offset, .stored = 10, .raw = 20, .codec = BlobCodec::zstd};
}

IndexedPack pack_with(std::string_view seed, std::size_t blobs) {
  IndexedPack indexed{.pack = {id_of<PackId>(seed), 256, 1}, .entries = {}};
  for (std::uint32_t i = 0; i < blobs; ++i) {
    BlobName name;
    std::ranges::copy(crypto::sha256(as_bytes(std::string(seed) + std::to_string(i))).bytes(),
                      name.fill().begin());
    indexed.entries.push_back(place(name, i * 10));
  }
  return indexed;
}

}  // namespace

TEST_CASE("every blob of the packs that were indexed is found where it lies") {
  const std::vector packs{pack_with("one", 100), pack_with("two", 50)};
  const auto segments = index_packs(packs);
  REQUIRE(segments.size() == 1);
  auto segment = IndexSegment::parse(segments[0].encode());
  REQUIRE(segment.has_value());
  CHECK(*segment == segments[0]);
  for (const IndexedPack& indexed : packs) {
    for (const PackEntry& entry : indexed.entries) {
      const IndexEntry* found = segment->find(entry.name);
      REQUIRE(found != nullptr);
      CHECK(segment->packs[found->pack].id == indexed.pack.id);
      CHECK(found->place == entry);
    }
  }
  CHECK(segment->find(id_of<BlobName>("elsewhere")) == nullptr);
}

TEST_CASE("a blob that lies in two packs is indexed once, and no blob gives no segment") {
  const auto one = pack_with("one", 10);
  auto two = one;
  two.pack.id = id_of<PackId>("two");
  const auto segments = index_packs(std::vector{one, two});
  REQUIRE(segments.size() == 1);
  CHECK(segments[0].entries.size() == 10);
  CHECK(segments[0].entries[0].pack == 0);
  CHECK(index_packs({}).empty());
}

TEST_CASE("more blobs than a segment holds go into several, each within a blob's size") {
  const std::vector packs{pack_with("one", 80'000), pack_with("two", 80'000)};
  const auto segments = index_packs(packs);
  REQUIRE(segments.size() == 2);
  std::size_t count = 0;
  for (const IndexSegment& segment : segments) {
    const Bytes bytes = segment.encode();
    CHECK(bytes.size() <= kBlobBytesMax);
    CHECK(IndexSegment::parse(bytes).has_value());
    count += segment.entries.size();
  }
  CHECK(count == 160'000);
}

TEST_CASE("a segment whose entries lie is refused") {
  IndexSegment segment = index_packs(std::vector{pack_with("one", 3)})[0];
  SUBCASE("another pack than those listed") { segment.entries[1].pack = 1; }
  SUBCASE("out of order") { std::swap(segment.entries[0], segment.entries[1]); }
  SUBCASE("one name twice") { segment.entries[1] = segment.entries[0]; }
  SUBCASE("outside the pack") {
    segment.packs[0].frames = 1, segment.entries[0].place.offset = 65'515;
  }
  SUBCASE("more frames than a pack has") { segment.packs[0].frames = 257; }
  SUBCASE("generation 0") { segment.packs[0].generation = 0; }
  SUBCASE("more stored than raw") { segment.entries[2].place.raw = 9; }
  CHECK(IndexSegment::parse(segment.encode()).error().code == Code::invalid_input);
}
