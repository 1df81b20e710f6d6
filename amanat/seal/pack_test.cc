#include "amanat/seal/pack.h"

#include <set>

#include <doctest/doctest.h>

#include "amanat/merkle/merkle.h"
#include "amanat/seal/pack_reader.h"
#include "amanat/seal/pack_writer.h"
#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

bool put(PackWriter& writer, const CompartmentKeys& keys, ByteView plain,
         Compression compression = Compression::zstd) {
  return writer.add(name_blob(keys.name, BlobType::data, plain), BlobType::data, plain,
                    compression);
}

Result<PackReader> open(ByteView pack, const CompartmentKeys& keys) {
  auto source = source_over(pack);
  if (!source) return carry(source);
  return PackReader::open(*source, access_of(keys));
}

}  // namespace

TEST_CASE("what is sealed into a pack is read back from it, blob by blob") {
  const auto keys = compartment_of("a");
  PackWriter writer(keys);
  const std::vector<Bytes> blobs{text_of(300'000), bytes_of("noise", 100'000), Bytes{},
                                 Bytes{1},         bytes_of("exact", 65'520),  text_of(17)};
  for (const Bytes& blob : blobs) REQUIRE(put(writer, keys, blob));
  auto pack = writer.finish(Padding::none);
  REQUIRE(pack.has_value());
  CHECK(pack->bytes.size() == pack_size_of(pack->frames));
  CHECK(pack->id == pack_id_of(pack->bytes));
  CHECK(writer.is_empty());

  auto reader = open(pack->bytes, keys);
  REQUIRE(reader.has_value());
  CHECK(reader->header().generation == keys.generation);
  auto directory = reader->directory();
  REQUIRE(directory.has_value());
  CHECK(*directory == pack->entries);
  REQUIRE(directory->size() == blobs.size());
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    CAPTURE(i);
    auto plain = reader->read_blob((*directory)[i]);
    REQUIRE(plain.has_value());
    CHECK(*plain == blobs[i]);
  }
  CHECK((*directory)[0].codec == BlobCodec::zstd);
  CHECK((*directory)[0].stored < 100'000);
  CHECK((*directory)[1].codec == BlobCodec::none);  // noise does not get smaller
}

TEST_CASE("blobs of media are stored as they are when the caller says so") {
  const auto keys = compartment_of("a");
  PackWriter writer(keys);
  REQUIRE(put(writer, keys, text_of(1000), Compression::none));
  auto pack = writer.finish(Padding::ladder);
  REQUIRE(pack.has_value());
  CHECK(pack->entries[0].stored == 1000);
  CHECK(pack->frames == 4);  // the smallest padded pack
}

TEST_CASE("a pack takes blobs until its 256 frames are full, and then no more") {
  const auto keys = compartment_of("a");
  PackWriter writer(keys);
  const Bytes blob = bytes_of("noise", 1 << 20);
  std::size_t count = 0;
  Bytes next = blob;
  while (put(writer, keys, next, Compression::none)) {
    ++count;
    next[0] = static_cast<std::uint8_t>(count);
    next[1] ^= 0x5a;
  }
  CHECK(count == 15);  // 16 would fit 16 MiB, but not beside tags and directory
  // The last bytes: what is left but for the directory's two entries and the trailer.
  const std::size_t left = 256 * kFramePlainBytes - writer.plain_size() - 16 * 48 - 8;
  CHECK_FALSE(put(writer, keys, bytes_of("tail", left + 1), Compression::none));
  CHECK(put(writer, keys, bytes_of("tail", left), Compression::none));
  CHECK_FALSE(put(writer, keys, Bytes{}));
  auto pack = writer.finish(Padding::ladder);
  REQUIRE(pack.has_value());
  CHECK(pack->frames == 256);
  auto reader = open(pack->bytes, keys);
  REQUIRE(reader.has_value());
  CHECK(reader->read_blob(pack->entries.back()).value() == bytes_of("tail", left));
}

TEST_CASE("the directory and its trailer may fall on any place of the last frames") {
  const auto keys = compartment_of("a");
  PackWriter writer(keys);
  for (const std::size_t before : {0UZ, 1UZ, 7UZ, 8UZ, 9UZ, 47UZ, 48UZ, 55UZ, 56UZ, 57UZ}) {
    CAPTURE(before);
    const Bytes blob = bytes_of("edge", kFramePlainBytes - before);
    REQUIRE(put(writer, keys, blob, Compression::none));
    auto pack = writer.finish(Padding::none);
    REQUIRE(pack.has_value());
    CHECK(pack->frames == (before < 56 ? 2 : 1));
    auto reader = open(pack->bytes, keys);
    REQUIRE(reader.has_value());
    auto directory = reader->directory();
    REQUIRE(directory.has_value());
    CHECK(reader->read_blob(directory->front()).value() == blob);
  }
}

TEST_CASE("the same blobs in two packs look unrelated, and have one name within a compartment") {
  const auto keys = compartment_of("a");
  const Bytes blob = text_of(5000);
  PackWriter writer(keys);
  REQUIRE(put(writer, keys, blob));
  const auto first = writer.finish(Padding::none);
  REQUIRE(put(writer, keys, blob));
  const auto second = writer.finish(Padding::none);
  REQUIRE((first && second));
  CHECK(first->id != second->id);
  CHECK(first->entries == second->entries);
  const auto other = compartment_of("b");
  CHECK(name_blob(other.name, BlobType::data, blob) != first->entries[0].name);
  CHECK(name_blob(keys.name, BlobType::tree, blob) != first->entries[0].name);
}

TEST_CASE("a pack opens only with the keys, consents and compartment it was sealed under") {
  auto keys = compartment_of("a");
  PackWriter writer(keys);
  REQUIRE(put(writer, keys, text_of(100)));
  const auto pack = writer.finish(Padding::none);
  REQUIRE(pack.has_value());

  SUBCASE("another consent") {
    keys.decisions[1] = id_of<consent::DecisionHash>("another");
    CHECK(open(pack->bytes, keys).error().code == Code::forged);
  }
  SUBCASE("one consent fewer") {
    keys.decisions.pop_back();
    CHECK(open(pack->bytes, keys).error().code == Code::forged);
  }
  SUBCASE("consents in another order") {
    std::swap(keys.decisions[0], keys.decisions[1]);
    CHECK(open(pack->bytes, keys).error().code == Code::forged);
  }
  SUBCASE("another wrap key") {
    keys.wrap = key_of<WrapKey>("another");
    CHECK(open(pack->bytes, keys).error().code == Code::forged);
  }
  SUBCASE("another compartment") {
    keys.id = id_of<CompartmentId>("another");
    CHECK(open(pack->bytes, keys).error().code == Code::invalid_input);
  }
  SUBCASE("another name key") {
    keys.name = key_of<NameKey>("another");
    auto reader = open(pack->bytes, keys);
    REQUIRE(reader.has_value());
    CHECK(reader->read_blob(pack->entries[0]).error().code == Code::forged);
  }
}

TEST_CASE("a bent bit anywhere in a frame is found when its blob is read") {
  const auto keys = compartment_of("a");
  PackWriter writer(keys);
  REQUIRE(put(writer, keys, bytes_of("noise", 200'000)));
  auto pack = writer.finish(Padding::none);
  REQUIRE(pack.has_value());
  for (const std::size_t at : {0UZ, 65'535UZ, 65'536UZ, 150'000UZ}) {
    CAPTURE(at);
    pack->bytes[at] ^= 0x10;
    auto reader = open(pack->bytes, keys);
    REQUIRE(reader.has_value());
    CHECK(reader->read_blob(pack->entries[0]).error().code == Code::forged);
    CHECK(pack_id_of(pack->bytes) != pack->id);
    pack->bytes[at] ^= 0x10;
  }
}

TEST_CASE("entries that do not fit their pack are refused before anything is read") {
  const auto keys = compartment_of("a");
  PackWriter writer(keys);
  const Bytes blob = text_of(10'000);
  REQUIRE(put(writer, keys, blob));
  auto pack = writer.finish(Padding::none);
  REQUIRE(pack.has_value());
  auto reader = open(pack->bytes, keys);
  REQUIRE(reader.has_value());
  PackEntry entry = pack->entries[0];
  SUBCASE("outside the pack") { entry.offset = 65'520; }
  SUBCASE("offset and size that wrap around") { entry.offset = 0xffffffff; }
  SUBCASE("more stored than raw") { entry.raw = entry.stored - 1; }
  SUBCASE("more raw than 8 MiB") { entry.raw = (8 << 20) + 1; }
  SUBCASE("raw one too many") { ++entry.raw; }
  SUBCASE("raw one too few") { --entry.raw; }
  SUBCASE("stored one too few") { --entry.stored; }
  SUBCASE("stored one too many") { ++entry.stored; }
  SUBCASE("a dictionary for plain zstd") { entry.dictionary = 1; }
  SUBCASE("codec none with two sizes") { entry.codec = BlobCodec::none; }
  CHECK(reader->read_blob(entry).error().code == Code::invalid_input);
}

TEST_CASE("a source that fails or gives too little is reported, not believed") {
  const auto keys = compartment_of("a");
  PackSource source{4, [](std::uint64_t, std::size_t) -> Result<Bytes> {
                      return fail(Code::unavailable, "the custodian is away");
                    }};
  CHECK(PackReader::open(source, access_of(keys)).error().code == Code::unavailable);
  source.read = [](std::uint64_t, std::size_t size) -> Result<Bytes> { return Bytes(size / 2); };
  CHECK(PackReader::open(source, access_of(keys)).error().code == Code::unavailable);
  source.frames = 257;
  CHECK(read_pack_header(source).error().code == Code::invalid_input);
}

TEST_CASE("the padded sizes are those of the format") {
  std::set<std::uint32_t> sizes;
  for (std::uint32_t frames = 1; frames <= 256; ++frames) {
    CHECK(pad_frames(frames) >= frames);
    sizes.insert(pad_frames(frames));
  }
  CHECK(sizes.size() == 19);
  CHECK(pad_frames(1) == 4);
  CHECK(pad_frames(233) == 256);
  CHECK(frames_of_size(pack_size_of(256)).value() == 256);
  CHECK(!frames_of_size(pack_size_of(256) + 1));
  CHECK(!frames_of_size(4096));
  CHECK(!frames_of_size(0));
}

TEST_CASE("a writer with the same random source writes the same pack") {
  const auto keys = compartment_of("a");
  const auto write = [&] {
    PackWriter writer(keys, Stream("replay"));
    REQUIRE(put(writer, keys, text_of(100'000)));
    return writer.finish(Padding::ladder)->id;
  };
  CHECK(write() == write());
}
