#include "amanat/match/few.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "amanat/match/index_format.h"

namespace amanat::match {
namespace {

constexpr std::size_t kBuckets = 8;

/// The halves of bytes that stand in the columns of one bucket: a bit for each of 16 values.
struct Bucket {
  std::array<std::uint32_t, kFewColumns> low{};
  std::array<std::uint32_t, kFewColumns> high{};

  void add(std::size_t column, std::uint8_t byte) {
    low[column] |= 1U << (byte & 15U);
    high[column] |= 1U << (byte >> 4U);
  }
  void add(std::uint32_t gram, bool folded) {
    for (std::size_t i = 0; i < kFewColumns; ++i) {
      const auto byte = static_cast<std::uint8_t>(gram >> (8 * i));
      add(i, byte);
      const bool is_letter = byte >= 'a' && byte <= 'z';
      if (folded && is_letter) add(i, static_cast<std::uint8_t>(byte - 32));
    }
  }
  /// How many of all four-byte strings pass, in parts of 2^32.
  std::uint64_t passing() const {
    std::uint64_t product = 1;
    for (std::size_t i = 0; i < kFewColumns; ++i) {
      product *= static_cast<std::uint64_t>(std::popcount(low[i]) * std::popcount(high[i]));
    }
    return product;
  }
};

}  // namespace

// Each gram goes where it lets the fewest strings more pass.
Bytes make_few_tables(std::span<const PlacedGram> grams, bool folded) {
  std::array<Bucket, kBuckets> buckets;
  for (const PlacedGram& placed : grams) {
    std::size_t best = 0;
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t i = 0; i < kBuckets; ++i) {
      Bucket with = buckets[i];
      with.add(placed.gram.low, folded);
      const std::uint64_t more = with.passing() - buckets[i].passing();
      if (more >= least) continue;
      best = i;
      least = more;
    }
    buckets[best].add(placed.gram.low, folded);
  }
  Bytes tables(kFewTableBytes);
  for (std::size_t column = 0; column < kFewColumns; ++column) {
    for (std::size_t half = 0; half < 16; ++half) {
      for (std::size_t i = 0; i < kBuckets; ++i) {
        const auto bit = [&](std::uint32_t halves) { return (halves >> half & 1U) << i; };
        std::uint8_t& low = tables[column * 32 + half];
        std::uint8_t& high = tables[column * 32 + 16 + half];
        low = static_cast<std::uint8_t>(low | bit(buckets[i].low[column]));
        high = static_cast<std::uint8_t>(high | bit(buckets[i].high[column]));
      }
    }
  }
  return tables;
}

std::size_t screen_few_portable(const Screen& screen, const std::uint8_t* text, std::size_t count,
                                std::uint32_t* candidates) {
  std::array<std::array<std::uint8_t, 256>, kFewColumns> columns;
  for (std::size_t column = 0; column < kFewColumns; ++column) {
    const std::uint8_t* table = screen.filter + column * 32;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      columns[column][byte] =
          static_cast<std::uint8_t>(table[byte & 15U] & table[16 + (byte >> 4U)]);
    }
  }
  std::size_t found = 0;
  for (std::size_t at = 0; at < count; ++at) {
    const unsigned buckets = columns[0][text[at]] & columns[1][text[at + 1]]
                             & columns[2][text[at + 2]] & columns[3][text[at + 3]];
    candidates[found] = static_cast<std::uint32_t>(at);
    found += buckets != 0 ? 1 : 0;
  }
  return found;
}

ScreenFunction screen_few_for(Simd simd) {
  switch (simd) {
    case Simd::portable: return screen_few_portable;
    case Simd::avx2: return screen_few_avx2();
    case Simd::avx512: return screen_few_avx512();
    case Simd::neon: return screen_few_neon();
    case Simd::best: break;
  }
  for (const Simd choice : {Simd::avx512, Simd::avx2, Simd::neon}) {
    if (const ScreenFunction function = screen_few_for(choice)) return function;
  }
  return screen_few_portable;
}

}  // namespace amanat::match
