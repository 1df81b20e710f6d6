#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "amanat/match/choose_grams.h"
#include "amanat/match/few.h"
#include "amanat/match/index_format.h"
#include "amanat/match/strings.h"

namespace amanat::match {
namespace {

using Words = std::vector<std::uint32_t>;

constexpr std::uint32_t kFilterBitsUsual = 18;  // 2^18 words are a mebibyte
constexpr std::uint32_t kSeeds = 24;  // tries for a filter that the commonest grams do not pass

std::uint32_t magnitude_of(std::size_t count) {
  return static_cast<std::uint32_t>(std::bit_width(count));
}

// Makes room for a section and returns where it begins.
std::uint64_t begin_section(Bytes& image, std::size_t size) {
  const std::size_t offset = (image.size() + kSectionAlignment - 1) & ~(kSectionAlignment - 1);
  image.resize(offset + size);
  return offset;
}

template <class Value>
void put(Bytes& image, std::uint64_t offset, const Value& value) {
  std::memcpy(image.data() + offset, &value, sizeof value);
}

template <class Value>
Section write_section(Bytes& image, const std::vector<Value>& values) {
  const std::size_t size = values.size() * sizeof(Value);
  const std::uint64_t offset = begin_section(image, size);
  if (size != 0) std::memcpy(image.data() + offset, values.data(), size);
  return {.offset = offset, .size = size};
}

Words fill_filter(std::span<const PlacedGram> grams, std::uint32_t bits, std::uint32_t seed) {
  Words words(std::size_t{1} << bits);
  for (const PlacedGram& placed : grams) {
    const std::uint32_t hash = screen_hash(placed.gram, seed);
    words[hash >> (32 - bits)] |= screen_mask(hash);
  }
  return words;
}

// How many of the grams that files are full of pass a filter; zeros count for many.
int count_common_grams(const Words& words, std::uint32_t bits, std::uint32_t seed,
                       const Shape& shape) {
  constexpr auto kHalves = std::to_array<std::uint32_t>({0, 0xffffffff, 0x20202020, 1});
  const std::uint32_t high_mask = high_mask_of(shape);
  int passing = 0;
  for (const std::uint32_t low : kHalves) {
    for (const std::uint32_t high : kHalves) {
      const std::uint32_t hash = screen_hash({.low = low, .high = high & high_mask}, seed);
      const bool passes = (screen_mask(hash) & ~words[hash >> (32 - bits)]) == 0;
      if (passes) passing += low == 0 && high == 0 ? 20 : 1;
    }
  }
  return passing;
}

// Two bits for each gram, among 10 to 40 bits for each while that fits in a mebibyte.
void write_filter(Bytes& image, PassHeader& header, std::span<const PlacedGram> grams) {
  const std::uint32_t magnitude = magnitude_of(grams.size());
  const std::uint32_t bits =
      std::clamp(magnitude, 4U, std::max(kFilterBitsUsual, magnitude - std::min(magnitude, 3U)));
  header.filter_bits = static_cast<std::uint8_t>(bits);
  Words best;
  int best_passing = std::numeric_limits<int>::max();
  for (std::uint32_t seed = 0; seed < kSeeds && best_passing > 0; ++seed) {
    Words words = fill_filter(grams, bits, seed);
    const int passing = count_common_grams(words, bits, seed, kShapes[header.shape]);
    if (passing >= best_passing) continue;
    best = std::move(words);
    best_passing = passing;
    header.seed = seed;
  }
  header.filter_offset = write_section(image, best).offset;
}

void write_few(Bytes& image, PassHeader& header, std::span<const PlacedGram> grams) {
  const Bytes tables = make_few_tables(grams, kShapes[header.shape].folded);
  header.is_few = 1;
  header.filter_bits = kFewFilterBits;
  header.filter_offset = begin_section(image, tables.size());
  std::ranges::copy(tables, image.begin() + static_cast<std::ptrdiff_t>(header.filter_offset));
}

// Four bits for each gram, among 32 to 64 bits for each.
void write_sieve(Bytes& image, PassHeader& header, std::span<const PlacedGram> grams) {
  header.sieve_bits = static_cast<std::uint8_t>(std::max(magnitude_of(grams.size()), 5U) - 1);
  std::vector<std::uint64_t> words(std::size_t{1} << header.sieve_bits);
  for (const PlacedGram& placed : grams) {
    words[placed.hash >> (64 - header.sieve_bits)] |= sieve_mask(placed.hash);
  }
  header.sieve_offset = write_section(image, words).offset;
}

void write_heads(Bytes& image, PassHeader& header, std::span<const PlacedGram> grams) {
  header.head_bits = header.sieve_bits;
  std::vector<std::uint32_t> heads((std::size_t{1} << header.head_bits) + 1);
  std::vector<Entry> entries;
  entries.reserve(grams.size());
  for (const PlacedGram& placed : grams) {
    ++heads[(placed.hash >> (64 - header.head_bits)) + 1];
    entries.push_back(placed.entry);
  }
  std::partial_sum(heads.begin(), heads.end(), heads.begin());
  header.entries = entries.size();
  header.heads_offset = write_section(image, heads).offset;
  header.entries_offset = write_section(image, entries).offset;
}

/// The literals of one pass.
struct Plan {
  std::size_t shape = 0;
  bool is_few = false;
  std::vector<std::uint32_t> literals;
};

PassHeader write_pass(Bytes& image, const Strings& strings, const Plan& plan) {
  PassHeader header;
  header.shape = static_cast<std::uint8_t>(plan.shape);
  for (const std::uint32_t literal : plan.literals) {
    header.longest =
        std::max(header.longest, static_cast<std::uint32_t>(strings.at(literal).size()));
  }
  const std::vector<PlacedGram> grams = choose_grams(strings, plan.literals, kShapes[plan.shape]);
  if (plan.is_few) {
    write_few(image, header, grams);
  } else {
    write_filter(image, header, grams);
  }
  write_sieve(image, header, grams);
  write_heads(image, header, grams);
  return header;
}

using OfShape = std::array<std::vector<std::uint32_t>, kShapes.size()>;
constexpr std::size_t kShapesOfCase = kShapes.size() / 2;
// Two passes for few cost less than one for many.
constexpr std::size_t kFewTogetherMax = 2 * kFewMax;

// A literal of blanks with a word behind them is met at every indented line, when it lies so that
// only blanks are sampled. The class of the shortest looks at every position, and enters it under
// the word.
void take_common(const Strings& strings, std::vector<std::uint32_t>& from,
                 std::vector<std::uint32_t>& shortest) {
  constexpr double kTooCommon = 16;  // in a mebibyte
  std::vector<std::pair<double, std::uint32_t>> common;
  for (const std::uint32_t literal : from) {
    const double often = commonness(strings.at(literal), strings.folded[literal]);
    if (often > kTooCommon) common.emplace_back(-often, literal);
  }
  std::ranges::sort(common);
  common.resize(
      std::min(common.size(), kFewTogetherMax - std::min(kFewTogetherMax, shortest.size())));
  for (const auto& [often, literal] : common) {
    shortest.push_back(literal);
    std::erase(from, literal);
  }
}

// A pass over the text costs the same for one literal as for thousands. So classes of few literals
// join the class of the shortest, which looks for few at little cost, once or twice.
void join_few(const Strings& strings, OfShape& of_shape) {
  for (const std::size_t first : {std::size_t{0}, kShapesOfCase}) {
    std::vector<std::uint32_t>& shortest = of_shape[first + kShapesOfCase - 1];
    for (std::size_t shape = first + kShapesOfCase - 1; shape-- > first;) {
      if (of_shape[shape].size() + shortest.size() > kFewTogetherMax) continue;
      shortest.insert(shortest.end(), of_shape[shape].begin(), of_shape[shape].end());
      of_shape[shape].clear();
    }
    for (std::size_t shape = first; shape + 1 < first + kShapesOfCase; ++shape) {
      take_common(strings, of_shape[shape], shortest);
    }
    std::ranges::sort(shortest);
  }
}

void plan_shortest(std::vector<Plan>& plans, std::size_t shape,
                   const std::vector<std::uint32_t>& literals) {
  if (literals.size() > kFewTogetherMax) {
    plans.push_back({shape, false, literals});
    return;
  }
  const std::size_t passes = (literals.size() + kFewMax - 1) / kFewMax;
  const std::size_t of_each = (literals.size() + passes - 1) / passes;
  for (std::size_t i = 0; i < literals.size(); i += of_each) {
    const auto begin = literals.begin() + static_cast<std::ptrdiff_t>(i);
    const std::size_t count = std::min(of_each, literals.size() - i);
    plans.push_back({shape, true, {begin, begin + static_cast<std::ptrdiff_t>(count)}});
  }
}

std::vector<Plan> plan_passes(const Strings& strings) {
  OfShape of_shape;
  for (std::uint32_t i = 0; i < strings.size(); ++i) {
    of_shape[shape_number(strings.at(i).size(), strings.folded[i])].push_back(i);
  }
  join_few(strings, of_shape);
  std::vector<Plan> plans;
  for (std::size_t shape = 0; shape < kShapes.size(); ++shape) {
    if (of_shape[shape].empty()) continue;
    if (kShapes[shape].stride == 1) {
      plan_shortest(plans, shape, of_shape[shape]);
    } else {
      plans.push_back({shape, false, of_shape[shape]});
    }
  }
  return plans;
}

Result<> check_literals(std::span<const Literal> literals) {
  if (literals.size() > kLiteralsMax) return fail(Code::invalid_input, "too many literals");
  for (const Literal& literal : literals) {
    if (literal.bytes.size() < kLiteralBytesMin || literal.bytes.size() > kLiteralBytesMax) {
      return fail(Code::invalid_input, "a literal is too short or too long");
    }
  }
  return {};
}

}  // namespace

Result<Bytes> build_index(std::span<const Literal> literals) {
  if (auto fit = check_literals(literals); !fit) return carry(fit);
  const Strings strings = collect_strings(literals);
  const std::vector<Plan> plans = plan_passes(strings);
  ensure(plans.size() <= kPassesMax, "there is room for all passes");

  Bytes image(sizeof(Header) + kPassesMax * sizeof(PassHeader));
  Header header;
  std::ranges::copy(kMagic, header.magic.begin());
  header.literals = static_cast<std::uint32_t>(strings.size());
  header.rows = write_section(image, strings.rows);
  header.ids = write_section(image, strings.ids);
  header.bytes = write_section(image, strings.bytes);
  for (const Plan& plan : plans) {
    const PassHeader pass = write_pass(image, strings, plan);
    put(image, sizeof(Header) + header.passes++ * sizeof(PassHeader), pass);
  }
  begin_section(image, 0);
  header.image_size = image.size();
  put(image, 0, header);
  return image;
}

}  // namespace amanat::match
