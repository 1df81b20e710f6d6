#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "amanat/match/gram_costs.h"
#include "amanat/match/index_format.h"

namespace amanat::match {
namespace {

// A literal without letters has no nocase.
bool needs_folding(const Literal& literal) {
  return literal.nocase && std::ranges::any_of(literal.bytes, [](std::uint8_t byte) {
           return fold(byte) >= 'a' && fold(byte) <= 'z';
         });
}

/// The different byte strings among the literals, in order, each with its ids.
struct Strings {
  std::vector<Row> rows;  // and one behind the last
  std::vector<bool> folded;
  std::vector<std::uint32_t> ids;
  Bytes bytes;

  std::size_t size() const { return folded.size(); }
  ByteView at(std::size_t i) const {
    return ByteView(bytes).subspan(rows[i].bytes_begin,
                                   rows[i + 1].bytes_begin - rows[i].bytes_begin);
  }
};

Strings collect_strings(std::span<const Literal> literals) {
  struct Sorted {
    Bytes bytes;
    bool folded;
    std::uint32_t id;
    auto operator<=>(const Sorted&) const = default;
  };
  std::vector<Sorted> sorted;
  sorted.reserve(literals.size());
  for (const Literal& literal : literals) {
    sorted.push_back({literal.bytes, needs_folding(literal), literal.id});
    if (!sorted.back().folded) continue;
    for (std::uint8_t& byte : sorted.back().bytes) byte = fold(byte);
  }
  std::ranges::sort(sorted);
  sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());

  Strings strings;
  const auto begin_row = [&] {
    strings.rows.push_back({static_cast<std::uint32_t>(strings.bytes.size()),
                            static_cast<std::uint32_t>(strings.ids.size())});
  };
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Sorted& one = sorted[i];
    if (i == 0 || one.bytes != sorted[i - 1].bytes || one.folded != sorted[i - 1].folded) {
      begin_row();
      strings.folded.push_back(one.folded);
      append(strings.bytes, one.bytes);
    }
    strings.ids.push_back(one.id);
  }
  begin_row();
  return strings;
}

std::uint32_t magnitude_of(std::size_t count) {
  return static_cast<std::uint32_t>(std::bit_width(count));
}

/// Roughly how often each gram occurs in the literals themselves. What many share, words and
/// headers, is met often in files too, and each time all who share it must be compared.
class GramCounts {
 public:
  explicit GramCounts(std::size_t grams)
      : bits_(std::min(magnitude_of(grams) + 2, 22U)), counts_(std::size_t{1} << bits_) {}
  void add(Gram gram) { ++counts_[slot(gram)]; }
  /// How many times the count doubles from one.
  std::uint32_t magnitude(Gram gram) const { return magnitude_of(counts_[slot(gram)]) - 1; }

 private:
  std::size_t slot(Gram gram) const { return hash_of(gram) >> (64 - bits_); }
  std::uint32_t bits_;
  std::vector<std::uint32_t> counts_;
};

struct Placed {  // a gram that will be in the index
  Gram gram;
  std::uint64_t hash;
  std::uint32_t ref;
};

/// The literals of one class and the grams they are entered under.
class Class {
 public:
  Class(const Strings& strings, std::size_t shape_number)
      : strings_(strings),
        shape_(kShapes[shape_number]),
        costs_(shape_.folded ? GramCosts::folded() : GramCosts::plain()) {
    header_.shape = static_cast<std::uint8_t>(shape_number);
  }

  void add(std::size_t literal) { literals_.push_back(static_cast<std::uint32_t>(literal)); }
  bool empty() const { return literals_.empty(); }

  /// Chooses the grams, then appends the tables to the image and says where in the header.
  PassHeader write(Bytes& image);

 private:
  void count_grams(GramCounts& counts) const;
  void choose_grams(const GramCounts& counts);
  void place(std::uint32_t literal, const GramCounts& counts);
  void write_filter(Bytes& image);
  void write_sieve(Bytes& image);
  void write_heads(Bytes& image);

  const Strings& strings_;
  Shape shape_;
  const GramCosts& costs_;
  std::vector<std::uint32_t> literals_;
  std::vector<Placed> placed_;
  PassHeader header_;
};

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

void Class::count_grams(GramCounts& counts) const {
  for (const std::uint32_t literal : literals_) {
    const ByteView bytes = strings_.at(literal);
    for (std::size_t at = 0; at + shape_.gram_bytes <= bytes.size(); ++at) {
      counts.add(gram_at(&bytes[at], shape_.gram_bytes));
    }
  }
}

// One gram for each way the literal can lie between samples: the one that costs the most bits.
void Class::place(std::uint32_t literal, const GramCounts& counts) {
  constexpr std::uint32_t kPerDoubling = 4;  // quarters of a bit, as the costs have them
  const ByteView bytes = strings_.at(literal);
  std::array<std::uint32_t, kLiteralBytesMax> sums{};  // of the costs of pairs that end here
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    sums[i] = sums[i - 1] + costs_.next(bytes[i - 1], bytes[i]);
  }
  for (std::uint32_t lie = 0; lie < shape_.stride; ++lie) {
    std::uint32_t best = lie;
    std::int64_t best_score = std::numeric_limits<std::int64_t>::min();
    for (std::uint32_t at = lie; at + shape_.gram_bytes <= bytes.size(); at += shape_.stride) {
      const std::uint32_t bits =
          costs_.first(bytes[at]) + sums[at + shape_.gram_bytes - 1] - sums[at];
      const std::uint32_t shared = counts.magnitude(gram_at(&bytes[at], shape_.gram_bytes));
      const std::int64_t score = std::int64_t{bits} - std::int64_t{kPerDoubling * shared};
      if (score > best_score) {
        best = at;
        best_score = score;
      }
    }
    const Gram gram = gram_at(&bytes[best], shape_.gram_bytes);
    placed_.push_back({.gram = gram, .hash = hash_of(gram), .ref = literal << kOffsetBits | best});
  }
}

void Class::choose_grams(const GramCounts& counts) {
  placed_.reserve(literals_.size() * shape_.stride);
  for (const std::uint32_t literal : literals_) {
    place(literal, counts);
    header_.longest =
        std::max(header_.longest, static_cast<std::uint32_t>(strings_.at(literal).size()));
  }
  std::ranges::sort(placed_, {}, [](const Placed& p) { return std::pair(p.hash, p.ref); });
  header_.entries = placed_.size();
}

// Two bits for each gram, in 10 to 40 bits for each gram while that fits in a mebibyte.
void Class::write_filter(Bytes& image) {
  const std::uint32_t magnitude = magnitude_of(placed_.size());
  const std::uint32_t bits = std::clamp(magnitude, 4U, std::max(18U, magnitude - 3));
  header_.filter_bits = static_cast<std::uint8_t>(bits);
  std::vector<std::uint32_t> words(std::size_t{1} << bits);
  for (const Placed& placed : placed_) {
    const std::uint32_t hash = screen_hash(placed.gram);
    words[hash >> (32 - bits)] |= screen_mask(hash);
  }
  header_.filter_offset = write_section(image, words).offset;
}

void Class::write_sieve(Bytes& image) {
  header_.sieve_bits = static_cast<std::uint8_t>(std::max(magnitude_of(placed_.size()), 5U) - 1);
  std::vector<std::uint64_t> words(std::size_t{1} << header_.sieve_bits);
  for (const Placed& placed : placed_) {
    words[placed.hash >> (64 - header_.sieve_bits)] |= sieve_mask(placed.hash);
  }
  header_.sieve_offset = write_section(image, words).offset;
}

void Class::write_heads(Bytes& image) {
  header_.head_bits = header_.sieve_bits;
  std::vector<std::uint32_t> heads((std::size_t{1} << header_.head_bits) + 1);
  std::vector<Entry> entries;
  entries.reserve(placed_.size());
  for (const Placed& placed : placed_) {
    ++heads[(placed.hash >> (64 - header_.head_bits)) + 1];
    entries.push_back({.check = static_cast<std::uint32_t>(placed.hash), .ref = placed.ref});
  }
  std::partial_sum(heads.begin(), heads.end(), heads.begin());
  header_.heads_offset = write_section(image, heads).offset;
  header_.entries_offset = write_section(image, entries).offset;
}

PassHeader Class::write(Bytes& image) {
  {
    GramCounts counts(literals_.size() * kLiteralBytesMax / 2);
    count_grams(counts);
    choose_grams(counts);
  }
  write_filter(image);
  write_sieve(image);
  write_heads(image);
  return header_;
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
  std::vector<Class> classes;
  for (std::size_t shape = 0; shape < kShapes.size(); ++shape) classes.emplace_back(strings, shape);
  for (std::size_t i = 0; i < strings.size(); ++i) {
    classes[shape_number(strings.at(i).size(), strings.folded[i])].add(i);
  }

  Bytes image(sizeof(Header) + kPassesMax * sizeof(PassHeader));
  Header header;
  header.literals = static_cast<std::uint32_t>(strings.size());
  std::ranges::copy(kMagic, header.magic.begin());
  header.rows = write_section(image, strings.rows);
  header.ids = write_section(image, strings.ids);
  header.bytes = write_section(image, strings.bytes);
  for (Class& one : classes) {
    if (one.empty()) continue;
    put(image, sizeof(Header) + header.passes++ * sizeof(PassHeader), one.write(image));
  }
  begin_section(image, 0);
  header.image_size = image.size();
  put(image, 0, header);
  return image;
}

}  // namespace amanat::match
