// Whatever an image says, opening it and searching with it stays inside it, and all variants hear
// the same. And what is built of any literals finds each of them where it was put.
//
// The first byte chooses: even, the image follows as it is to be opened, its last kTextBytes being
// the text; odd, literals follow (length, nocase, bytes) and then the text.

#include "amanat/match/match.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace amanat::match {
namespace {

constexpr std::size_t kTextBytes = 200;
constexpr std::size_t kLiterals = 16;

using Hits = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

Hits find_with(ByteView image, ByteView text, Simd simd) {
  Hits hits;
  const auto index = LiteralIndex::open(image, simd);
  if (!index) return hits;
  index->find(text, 0, text.size(), [&](std::uint32_t id, std::uint64_t position) {
    ensure(position < text.size(), "a hit lies in the text");
    hits.emplace_back(id, position);
    return hits.size() < 100'000;
  });
  std::ranges::sort(hits);
  return hits;
}

Hits find_alike(ByteView image, ByteView text) {
  Hits hits = find_with(image, text, Simd::portable);
  for (const Simd simd : {Simd::avx2, Simd::avx512, Simd::neon}) {
    if (is_available(simd) && hits.size() < 100'000) {
      ensure(find_with(image, text, simd) == hits, "all variants find the same");
    }
  }
  return hits;
}

void search_hostile(ByteView data) {
  const std::size_t text = std::min(kTextBytes, data.size());
  find_alike(data.first(data.size() - text), data.last(text));
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
                        .id = static_cast<std::uint32_t>(literals.size())});
    data = data.subspan(size);
  }
  const auto image = build_index(literals);
  ensure(image.has_value(), "literals of these lengths can be looked for");
  Bytes text(data.begin(), data.end());
  Hits put;
  for (const Literal& literal : literals) {
    put.emplace_back(literal.id, text.size());
    append(text, literal.bytes);
  }
  const Hits hits = find_alike(*image, text);
  ensure(hits.size() >= 100'000 || std::ranges::includes(hits, put), "what was put is found");
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
