#include "amanat/match/choose_grams.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "amanat/match/gram_costs.h"

namespace amanat::match {
namespace {

/// Roughly how often each gram occurs in the literals themselves. What many share, words and
/// headers, is met often in files too, and each time all who share it must be compared.
class GramCounts {
 public:
  explicit GramCounts(std::size_t literals)
      : bits_(std::min(static_cast<std::uint32_t>(std::bit_width(literals)) + 6, 22U)),
        counts_(std::size_t{1} << bits_) {}
  void add(Gram gram) { ++counts_[slot(gram)]; }
  /// How many times the count doubles from one.
  std::uint32_t doublings(Gram gram) const {
    return static_cast<std::uint32_t>(std::bit_width(counts_[slot(gram)])) - 1;
  }

 private:
  std::size_t slot(Gram gram) const { return hash_of(gram) >> (64 - bits_); }
  std::uint32_t bits_;
  std::vector<std::uint32_t> counts_;
};

/// What a literal's bytes cost, in quarters of a bit.
class Costs {
 public:
  Costs(ByteView bytes, const GramCosts& costs) : bytes_(bytes), costs_(costs) {
    for (std::size_t i = 1; i < bytes.size(); ++i) {
      sums_[i] = sums_[i - 1] + costs.next_in(bytes, i);
    }
  }
  /// Of the bytes from `begin` to `end`, on their own.
  std::uint32_t alone(std::size_t begin, std::size_t end) const {
    return costs_.first(bytes_[begin]) + after(begin + 1, end);
  }
  /// The same, once the byte before them is known; 0 when there are none.
  std::uint32_t after(std::size_t begin, std::size_t end) const {
    return begin < end ? sums_[end - 1] - sums_[std::max<std::size_t>(begin, 1) - 1] : 0;
  }

 private:
  ByteView bytes_;
  const GramCosts& costs_;
  std::array<std::uint32_t, kLiteralBytesMax> sums_{};  // sums_[i]: of bytes 1 to i
};

// Where to probe a literal that was met by the gram at `gram`: the four bytes that cost the most,
// not counting what is known of them from the gram.
std::uint32_t choose_probe(const Costs& costs, std::size_t size, std::size_t gram,
                           std::size_t gram_bytes) {
  std::uint32_t best = 0;
  std::uint32_t best_cost = 0;
  for (std::size_t at = 0; at + kProbeBytes <= size; ++at) {
    const std::size_t end = at + kProbeBytes;
    const std::uint32_t cost =
        costs.after(at, std::min(end, gram)) + costs.after(std::max(at, gram + gram_bytes), end);
    if (cost <= best_cost) continue;
    best = static_cast<std::uint32_t>(at);
    best_cost = cost;
  }
  return best;
}

// The offset, of those at which a gram is sampled when the literal lies like this, whose gram costs
// the most bits, less the doublings of those who share it.
std::uint32_t choose_gram(ByteView bytes, std::uint32_t lie, const Shape& shape, const Costs& costs,
                          const GramCounts& counts) {
  constexpr std::int64_t kPerDoubling = 4;  // quarters of a bit, as the costs have them
  std::uint32_t best = lie;
  std::int64_t best_score = std::numeric_limits<std::int64_t>::min();
  for (std::uint32_t at = lie; at + shape.gram_bytes <= bytes.size(); at += shape.stride) {
    const Gram gram = gram_at(&bytes[at], shape.gram_bytes);
    const std::int64_t score =
        costs.alone(at, at + shape.gram_bytes) - kPerDoubling * counts.doublings(gram);
    if (score <= best_score) continue;
    best = at;
    best_score = score;
  }
  return best;
}

GramCounts count_grams(const Strings& strings, std::span<const std::uint32_t> literals,
                       const Shape& shape) {
  GramCounts counts(literals.size());
  for (const std::uint32_t literal : literals) {
    const ByteView bytes = strings.at(literal);
    for (std::size_t at = 0; at + shape.gram_bytes <= bytes.size(); ++at) {
      counts.add(gram_at(&bytes[at], shape.gram_bytes));
    }
  }
  return counts;
}

}  // namespace

std::vector<PlacedGram> choose_grams(const Strings& strings,
                                     std::span<const std::uint32_t> literals, const Shape& shape) {
  const GramCounts counts = count_grams(strings, literals, shape);
  const GramCosts& gram_costs = shape.folded ? GramCosts::folded() : GramCosts::plain();
  std::vector<PlacedGram> placed;
  placed.reserve(literals.size() * shape.stride);
  for (const std::uint32_t literal : literals) {
    const ByteView bytes = strings.at(literal);
    const Costs costs(bytes, gram_costs);
    for (std::uint32_t lie = 0; lie < shape.stride; ++lie) {
      const std::uint32_t at = choose_gram(bytes, lie, shape, costs, counts);
      const std::uint32_t probe = choose_probe(costs, bytes.size(), at, shape.gram_bytes);
      const Gram gram = gram_at(&bytes[at], shape.gram_bytes);
      placed.push_back({.gram = gram,
                        .hash = hash_of(gram),
                        .entry = {.probe = gram_at(&bytes[probe], kProbeBytes).low,
                                  .ref = (literal << kOffsetBits | probe) << kOffsetBits | at}});
    }
  }
  std::ranges::sort(placed, {}, [](const PlacedGram& p) { return std::pair(p.hash, p.entry.ref); });
  return placed;
}

}  // namespace amanat::match
