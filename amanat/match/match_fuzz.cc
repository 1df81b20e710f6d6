// Whatever an image says, opening it and searching with it stays inside it, and all variants hear
// the same. And what is built of any literals finds each of them where it was put.
//
// The first byte chooses: even, the image follows as it is to be opened, its last kTextBytes being
// the text; odd, literals follow (length, nocase, bytes) and then the text.
//
// libFuzzer: -max_len=4096 (an image of few literals takes 3,000 bytes)

#include "amanat/match/match.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "amanat/match/index_format.h"

namespace amanat::match {
namespace {

constexpr std::size_t kTextBytes = 200;
constexpr std::size_t kHitsMax = 2'000;  // a hostile image hits anywhere, again and again
constexpr std::size_t kLiterals = 16;
constexpr std::uint32_t kGroups = 3;

/// What a search found, in whatever order.
struct Hits {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint32_t put = 0;  // bit n: literal n was found where it was put

  friend bool operator==(const Hits&, const Hits&) = default;
};

std::uint64_t mix(std::uint32_t id, std::uint64_t position) {
  const std::uint64_t mixed = (std::uint64_t{id} << 32 ^ position) * 0x9e3779b97f4a7c15;
  return (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9;
}

Hits find_with(ByteView image, ByteView text, std::span<const std::uint64_t> places, Simd simd) {
  Hits hits;
  const auto index = LiteralIndex::open(image, simd);
  if (!index) return hits;
  const auto note = [&](std::uint32_t id, std::uint64_t position) {
    ensure(position < text.size(), "a hit lies in the text");
    ++hits.count;
    hits.sum += mix(id, position);
    if (id < places.size() && places[id] == position) hits.put |= 1U << id;
    return hits.count < kHitsMax;
  };
  for (std::uint32_t group = 0; group < kGroups; ++group) {
    index->find(text, 0, text.size(), note, group);
  }
  return hits;
}

Hits find_alike(ByteView image, ByteView text, std::span<const std::uint64_t> places) {
  const Hits hits = find_with(image, text, places, Simd::portable);
  for (const Simd simd : {Simd::avx2, Simd::avx512, Simd::neon}) {
    if (is_available(simd) && hits.count < kHitsMax) {
      ensure(find_with(image, text, places, simd) == hits, "all variants find the same");
    }
  }
  return hits;
}

// Its magic and its size are put right: what says no at once is no test of what lies behind.
void search_hostile(ByteView data) {
  const std::size_t text = std::min(kTextBytes, data.size());
  Bytes image(data.begin(), data.end() - static_cast<std::ptrdiff_t>(text));
  if (Header header; image.size() >= sizeof(header)) {
    std::memcpy(&header, image.data(), sizeof(header));
    std::ranges::copy(kMagic, header.magic.begin());
    header.image_size = image.size();
    std::memcpy(image.data(), &header, sizeof(header));
  }
  find_alike(image, data.last(text), {});
}

void search_built(ByteView data) {
  std::vector<Literal> literals;
  while (data.size() > 2 && literals.size() < kLiterals) {
    const std::size_t size = kLiteralBytesMin + data[0] % (kLiteralBytesMax - kLiteralBytesMin + 1);
    const bool nocase = data[1] % 2 != 0;
    data = data.subspan(2);
    if (size > data.size()) break;
    literals.push_back({.bytes = {data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size)},
                        .nocase = nocase,
                        .id = static_cast<std::uint32_t>(literals.size()),
                        .groups = 1U + data[0] % ((1U << kGroups) - 1)});
    data = data.subspan(size);
  }
  const auto image = build_index(literals, kGroups);
  ensure(image.has_value(), "literals of these lengths can be looked for");
  Bytes text(data.begin(), data.end());
  std::vector<std::uint64_t> places;
  for (const Literal& literal : literals) {
    places.push_back(text.size());
    append(text, literal.bytes);
  }
  const Hits hits = find_alike(*image, text, places);
  ensure(hits.count >= kHitsMax || hits.put == (1U << literals.size()) - 1,
         "what was put is found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    search_hostile(rest);
  } else {
    search_built(rest);
  }
  return 0;
}

}  // namespace amanat::match
