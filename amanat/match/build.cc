#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "amanat/match/choose_grams.h"
#include "amanat/match/few.h"
#include "amanat/match/index_format.h"
#include "amanat/match/plan_passes.h"
#include "amanat/match/strings.h"

namespace amanat::match {
namespace {

using Words = std::vector<std::uint32_t>;

constexpr std::uint32_t kFilterBitsUsual = 18;  // 2^18 words are a mebibyte
constexpr std::uint32_t kSeeds = 24;  // tries for a filter that the commonest grams do not pass

std::uint32_t magnitude_of(std::size_t count) {
  return static_cast<std::uint32_t>(std::bit_width(count));
}

// A table with half as many rows as grams, or nearly as many.
std::uint32_t table_bits(std::size_t grams) { return std::max(magnitude_of(grams), 5U) - 1; }

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
  header.sieve_bits = static_cast<std::uint8_t>(table_bits(grams.size()));
  std::vector<std::uint64_t> words(std::size_t{1} << header.sieve_bits);
  for (const PlacedGram& placed : grams) {
    words[placed.hash >> (64 - header.sieve_bits)] |= sieve_mask(placed.hash);
  }
  header.sieve_offset = write_section(image, words).offset;
}

TableHeader write_table(Bytes& image, std::span<const PlacedGram> grams) {
  TableHeader header;
  if (grams.empty()) return header;
  header.bits = table_bits(grams.size());
  std::vector<std::uint32_t> heads((std::size_t{1} << header.bits) + 1);
  std::vector<Entry> entries;
  entries.reserve(grams.size());
  for (const PlacedGram& placed : grams) {
    ++heads[(placed.hash >> (64 - header.bits)) + 1];
    entries.push_back(placed.entry);
  }
  std::partial_sum(heads.begin(), heads.end(), heads.begin());
  header.entries = static_cast<std::uint32_t>(entries.size());
  header.heads_offset = write_section(image, heads).offset;
  header.entries_offset = write_section(image, entries).offset;
  return header;
}

/// Writes what the passes of all groups look at.
class Tables {
 public:
  Tables(const Strings& strings, std::span<const std::vector<Plan>> plans)
      : strings_(strings), plans_(plans) {}

  void write(Bytes& image) {
    for (std::size_t shape = 0; shape < kShapes.size(); ++shape) write_shared(image, shape);
    for (std::size_t group = 0; group < plans_.size(); ++group) {
      for (std::size_t i = 0; i < plans_[group].size(); ++i) {
        put(image, place_of_pass(group, i), write_pass(image, plans_[group][i]));
      }
    }
  }

 private:
  struct Shared {
    std::vector<PlacedGram> grams;
    TableHeader table;
  };

  bool is_shared(std::uint32_t literal) const {
    return std::popcount(strings_.groups_of(literal)) > 1;
  }

  void write_shared(Bytes& image, std::size_t shape) {
    std::vector<std::uint32_t> literals;
    for (const std::vector<Plan>& of_group : plans_) {
      for (const Plan& plan : of_group) {
        if (plan.shape != shape || plan.is_few) continue;
        std::ranges::copy_if(plan.literals, std::back_inserter(literals),
                             [&](std::uint32_t literal) { return is_shared(literal); });
      }
    }
    std::ranges::sort(literals);
    literals.erase(std::ranges::unique(literals).begin(), literals.end());
    shared_[shape].grams = choose_grams(strings_, literals, kShapes[shape]);
    shared_[shape].table = write_table(image, shared_[shape].grams);
  }

  PassHeader write_pass(Bytes& image, const Plan& plan) {
    PassHeader header;
    header.shape = static_cast<std::uint8_t>(plan.shape);
    std::vector<bool> is_here(strings_.size());
    std::vector<std::uint32_t> own;
    for (const std::uint32_t literal : plan.literals) {
      header.longest =
          std::max(header.longest, static_cast<std::uint32_t>(strings_.at(literal).size()));
      is_here[literal] = true;
      if (plan.is_few || !is_shared(literal)) own.push_back(literal);
    }
    std::vector<PlacedGram> grams = choose_grams(strings_, own, kShapes[plan.shape]);
    header.own = write_table(image, grams);
    if (plan.is_few) {
      write_few(image, header, grams);
    } else {
      header.shared = shared_[plan.shape].table;
      std::ranges::copy_if(
          shared_[plan.shape].grams, std::back_inserter(grams),
          [&](const PlacedGram& placed) { return is_here[literal_of(placed.entry)]; });
      write_filter(image, header, grams);
    }
    write_sieve(image, header, grams);
    return header;
  }

  const Strings& strings_;
  std::span<const std::vector<Plan>> plans_;
  std::array<Shared, kShapes.size()> shared_;
};

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

Result<Bytes> build_index(std::span<const Literal> literals, std::size_t groups) {
  if (auto fit = check_literals(literals); !fit) return carry(fit);
  if (groups == 0 || groups > kGroupsMax) return fail(Code::invalid_input, "no such groups");
  const Strings strings = collect_strings(literals);
  Header header;
  header.groups = static_cast<std::uint32_t>(groups);
  std::vector<std::vector<Plan>> plans;
  for (std::size_t group = 0; group < groups; ++group) {
    plans.push_back(plan_passes(strings, group));
    ensure(plans.back().size() <= kPassesMax, "there is room for all passes");
    header.passes[group] = static_cast<std::uint8_t>(plans.back().size());
  }

  Bytes image(place_of_pass(groups, 0));
  std::ranges::copy(kMagic, header.magic.begin());
  header.literals = static_cast<std::uint32_t>(strings.size());
  header.rows = write_section(image, strings.rows);
  header.ids = write_section(image, strings.ids);
  header.bytes = write_section(image, strings.bytes);
  Tables(strings, plans).write(image);
  begin_section(image, 0);
  header.image_size = image.size();
  put(image, 0, header);
  return image;
}

}  // namespace amanat::match
