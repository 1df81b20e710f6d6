#include "amanat/match/few.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "amanat/match/gram_costs.h"
#include "amanat/match/index_format.h"

namespace amanat::match {
namespace {

constexpr std::size_t kBuckets = 8;

/// How often each byte stands in files: in all, and in those that are text. Rare ones count for
/// somewhat more than they do there: files differ.
struct Shares {
  std::array<double, 256> all{};
  std::array<double, 256> text{};

  Shares() {
    constexpr double kLeast = 1.0 / 2048;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const double quarters = GramCosts::plain().first(static_cast<std::uint8_t>(byte));
      all.at(byte) = std::exp2(-quarters / 4) + kLeast;
      const bool is_printed = (byte >= ' ' && byte <= '~') || byte == '\n';
      if (is_printed) text.at(byte) = all.at(byte);
    }
    for (std::array<double, 256>* shares : {&all, &text}) {
      double sum = 0;
      for (const double share : *shares) sum += share;
      for (double& share : *shares) share /= sum;
    }
  }
  static const Shares& get() {
    static const Shares shares;
    return shares;
  }
};

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
  Bucket with(const Bucket& other) const {
    Bucket both;
    for (std::size_t i = 0; i < kFewColumns; ++i) {
      both.low[i] = low[i] | other.low[i];
      both.high[i] = high[i] | other.high[i];
    }
    return both;
  }
  /// How often a string of four bytes passes, as if its bytes came one by one.
  double passing() const {
    const Shares& shares = Shares::get();
    double of_all = 1;
    double of_text = 1;
    for (std::size_t i = 0; i < kFewColumns; ++i) {
      double all = 0;
      double text = 0;
      for (unsigned byte = 0; byte < 256; ++byte) {
        const bool passes = (low[i] >> (byte & 15U) & high[i] >> (byte >> 4U) & 1U) != 0;
        if (!passes) continue;
        all += shares.all[byte];
        text += shares.text[byte];
      }
      of_all *= all;
      of_text *= text;
    }
    return of_all + of_text;
  }
};

/// Makes one bucket of two until there are no more than there is room for: always the two that
/// together let the fewest strings more pass.
std::vector<Bucket> join_closest(std::vector<Bucket> buckets) {
  std::vector<double> alone;
  for (const Bucket& bucket : buckets) alone.push_back(bucket.passing());
  const auto more_of = [&](std::size_t i, std::size_t j) {
    return buckets[i].with(buckets[j]).passing() - alone[i] - alone[j];
  };
  struct Pair {
    double more = std::numeric_limits<double>::max();
    std::size_t other = 0;
  };
  std::vector<Pair> closest(buckets.size());  // of each, among those before it
  const auto find_closest = [&](std::size_t i) {
    closest[i] = {};
    for (std::size_t j = 0; j < i; ++j) {
      const double more = more_of(i, j);
      if (more < closest[i].more) closest[i] = {.more = more, .other = j};
    }
  };
  for (std::size_t i = 0; i < buckets.size(); ++i) find_closest(i);
  while (buckets.size() > kBuckets) {
    const auto best = static_cast<std::size_t>(std::ranges::min_element(closest, {}, &Pair::more)
                                               - closest.begin());
    const std::size_t joined = closest[best].other;
    buckets[joined] = buckets[joined].with(buckets[best]);
    alone[joined] = buckets[joined].passing();
    const auto gone = static_cast<std::ptrdiff_t>(best);
    buckets.erase(buckets.begin() + gone);
    alone.erase(alone.begin() + gone);
    closest.erase(closest.begin() + gone);
    for (std::size_t i = joined; i < buckets.size(); ++i) {
      Pair& pair = closest[i];
      if (i == joined || pair.other == joined || pair.other == best) {
        find_closest(i);
        continue;
      }
      if (pair.other > best) --pair.other;
      const double more = more_of(i, joined);
      if (more < pair.more) pair = {.more = more, .other = joined};
    }
  }
  return buckets;
}

}  // namespace

Bytes make_few_tables(std::span<const PlacedGram> placed, bool folded) {
  std::vector<std::uint32_t> grams;
  for (const PlacedGram& gram : placed) grams.push_back(gram.gram.low);
  std::ranges::sort(grams);
  grams.erase(std::ranges::unique(grams).begin(), grams.end());
  std::vector<Bucket> buckets(grams.size());
  for (std::size_t i = 0; i < grams.size(); ++i) buckets[i].add(grams[i], folded);
  buckets = join_closest(std::move(buckets));
  buckets.resize(kBuckets);
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
