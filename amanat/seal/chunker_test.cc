#include "amanat/seal/chunker.h"

#include <algorithm>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

Chunker chunker_of(std::string_view seed) {
  const auto keys = compartment_of(seed);
  return {keys.chunk, keys.cut};
}

// Fast noise: the stream of test_world hashes every 32 bytes.
Bytes noise(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

// Cuts with reads of at most `read_max` bytes, whose sizes vary.
std::vector<Bytes> cut_all(Chunker& chunker, ChunkRule rule, ByteView file,
                           std::size_t read_max = 1 << 20) {
  std::vector<Bytes> chunks;
  std::mt19937 random(7);
  const ReadSome read = [&](ByteSpan memory) -> Result<std::size_t> {
    const std::size_t wanted = 1 + random() % read_max;
    const std::size_t count = std::min({wanted, memory.size(), file.size()});
    std::ranges::copy(file.first(count), memory.begin());
    file = file.subspan(count);
    return count;
  };
  REQUIRE(chunker.cut(rule, read, [&](ByteView chunk) -> Result<> {
    chunks.emplace_back(chunk.begin(), chunk.end());
    return {};
  }));
  return chunks;
}

// The definition of docs/format.md §8, byte by byte.
std::size_t cut_by_definition(const CompartmentKeys& keys, ByteView bytes) {
  Bytes table(2048);
  crypto::hkdf_expand(keys.chunk.expose(), {as_bytes("amanat/chunk-table/v1")}, table);
  const auto times_x = [](std::uint64_t d) { return d << 1 ^ ((d >> 63) != 0 ? 0x1b : 0); };
  const auto entry = [&](std::uint8_t byte) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | table[8UZ * byte + i];
    return value;
  };
  crypto::AesBlocks aes(keys.cut.expose());
  std::uint64_t digest = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    digest = times_x(digest) ^ entry(bytes[i]);
    if (i >= 64) {
      std::uint64_t out = entry(bytes[i - 64]);
      for (int bit = 0; bit < 64; ++bit) out = times_x(out);
      digest ^= out;
    }
    if (i + 1 < kChunkBytesMin) continue;
    std::array<std::uint8_t, 16> block{};
    for (std::size_t b = 0; b < 8; ++b)
      block.at(b) = static_cast<std::uint8_t>(digest >> (56 - 8 * b));
    aes.encrypt(block);
    const unsigned low = (block[13] & 3U) << 16 | block[14] * 256U | block[15];
    if (low == 0 || i + 1 == kChunkBytesMax) return i + 1;
  }
  return bytes.size();
}

}  // namespace

TEST_CASE("a file's rule follows from its first bytes") {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view bytes;
    ChunkRule rule;
  };
  const auto cases = std::to_array<Case>({
      {"\xff\xd8\xff\xe1"sv, ChunkRule::segments},
      {"\0\0\0\x18"
       "ftypheic"sv,
       ChunkRule::segments},
      {"\x89PNG\r\n\x1a\n"sv, ChunkRule::segments},
      {"RIFF\x10\0\0\0WEBP"sv, ChunkRule::segments},
      {"RIFF\x10\0\0\0WAVE"sv, ChunkRule::content},
      {"OggS"sv, ChunkRule::segments},
      {"fLaC"sv, ChunkRule::segments},
      {"ID3\x04"sv, ChunkRule::segments},
      {"\xff\xfb\x90\x44"sv, ChunkRule::segments},
      {"\xff\xfeh\0e\0"sv, ChunkRule::content},  // text in UTF-16
      {"PK\x03\x04"sv, ChunkRule::segments},
      {"\x1f\x8b\x08"sv, ChunkRule::segments},
      {"\xfd"
       "7zXZ\0"sv,
       ChunkRule::segments},
      {"\x28\xb5\x2f\xfd"sv, ChunkRule::segments},
      {"7z\xbc\xaf\x27\x1c"sv, ChunkRule::segments},
      {"SQLite format 3\0"sv, ChunkRule::pages},
      {"SQLite format 4\0"sv, ChunkRule::content},
      {"hello"sv, ChunkRule::content},
      {""sv, ChunkRule::content},
  });
  for (const Case& c : cases) {
    CAPTURE(to_hex(as_bytes(c.bytes)));
    CHECK(rule_for(as_bytes(c.bytes)) == c.rule);
  }
}

TEST_CASE("media are cut every 1 MiB and databases every 16 KiB") {
  auto chunker = chunker_of("a");
  const Bytes file = noise(1, (5 << 20) + 3);
  const auto segments = cut_all(chunker, ChunkRule::segments, file);
  REQUIRE(segments.size() == 6);
  CHECK(segments[0].size() == 1 << 20);
  CHECK(segments[5].size() == 3);
  const auto pages = cut_all(chunker, ChunkRule::pages, file);
  REQUIRE(pages.size() == 321);
  CHECK(pages[319].size() == 16 << 10);
}

TEST_CASE("an empty file has no chunk and a small one has one") {
  auto chunker = chunker_of("a");
  CHECK(cut_all(chunker, ChunkRule::content, {}).empty());
  for (const std::size_t size : {1UZ, 16'383UZ, 65'535UZ, 65'536UZ}) {
    CHECK(cut_all(chunker, ChunkRule::content, noise(2, size)).size() == 1);
  }
}

TEST_CASE("content-defined cuts are those of the definition, and all bytes come back") {
  auto chunker = chunker_of("a");
  const auto keys = compartment_of("a");
  const Bytes file = noise(3, 6 << 20);
  const auto chunks = cut_all(chunker, ChunkRule::content, file);
  CHECK(chunks.size() > 8);
  ByteView left = file;
  for (const Bytes& chunk : chunks) {
    REQUIRE(chunk.size() <= kChunkBytesMax);
    CHECK(chunk.size()
          == cut_by_definition(keys, left.first(std::min(left.size(), kChunkBytesMax))));
    CHECK(std::ranges::equal(chunk, left.first(chunk.size())));
    left = left.subspan(chunk.size());
  }
  CHECK(left.empty());
}

TEST_CASE("a byte inserted at the front changes a chunk or two, not all that follow") {
  auto chunker = chunker_of("a");
  Bytes file = noise(4, 8 << 20);
  const auto before = cut_all(chunker, ChunkRule::content, file);
  file.insert(file.begin() + 100, 0x42);
  const auto after = cut_all(chunker, ChunkRule::content, file);
  const std::set<Bytes> known(before.begin(), before.end());
  const auto fresh =
      std::ranges::count_if(after, [&](const Bytes& chunk) { return !known.contains(chunk); });
  CHECK(fresh <= 3);
}

TEST_CASE("cuts do not depend on how much each read gives") {
  auto chunker = chunker_of("a");
  const Bytes file = noise(5, 3 << 20);
  const auto whole = cut_all(chunker, ChunkRule::content, file, 8 << 20);
  for (const std::size_t read_max : {1'000UZ, 4'096UZ, 65'537UZ, 700'001UZ}) {
    CAPTURE(read_max);
    CHECK(cut_all(chunker, ChunkRule::content, file, read_max) == whole);
  }
}

TEST_CASE("two compartments cut the same file at different places") {
  auto a = chunker_of("a");
  auto b = chunker_of("b");
  const Bytes file = noise(6, 4 << 20);
  CHECK(cut_all(a, ChunkRule::content, file) != cut_all(b, ChunkRule::content, file));
}

TEST_CASE("a long run of one byte ends in chunks of 2 MiB or less") {
  auto chunker = chunker_of("a");
  const auto chunks = cut_all(chunker, ChunkRule::content, Bytes(5 << 20));
  for (const Bytes& chunk : chunks) CHECK(chunk.size() <= kChunkBytesMax);
}

TEST_CASE("a read that fails and a sink that fails stop the cutting") {
  auto chunker = chunker_of("a");
  const ReadSome away = [](ByteSpan) -> Result<std::size_t> {
    return fail(Code::unavailable, "the disk is away");
  };
  CHECK(chunker.cut(ChunkRule::pages, away, [](ByteView) { return Result<>(); }).error().code
        == Code::unavailable);
  const ReadSome zeros = [](ByteSpan memory) -> Result<std::size_t> { return memory.size(); };
  CHECK(chunker
            .cut(ChunkRule::pages, zeros,
                 [](ByteView) -> Result<> { return fail(Code::denied, "enough"); })
            .error()
            .code
        == Code::denied);
}
