#include "amanat/scan/patterns.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace amanat::scan {
namespace {

constexpr std::size_t kGramBytes = 4;
constexpr std::uint32_t kGolden = 0x9e3779b1;  // 2^32 over the golden ratio, odd

std::uint32_t gram_at(const std::uint8_t* bytes) {
  std::uint32_t gram = 0;
  std::memcpy(&gram, bytes, kGramBytes);
  return gram;
}

// How rarely a byte is met in programs, texts and documents, roughly.
int rarity_of(std::uint8_t byte) {
  if (byte == 0x00) return 0;
  if (byte == ' ' || byte == 0xff) return 2;
  if (byte >= 'a' && byte <= 'z') return 4;
  if ((byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')) return 5;
  return 7;
}

int rarity_of_gram(const std::uint8_t* bytes) {
  int score = 0;
  for (std::size_t i = 0; i < kGramBytes; ++i) {
    const bool seen = std::find(bytes, bytes + i, bytes[i]) != bytes + i;
    score += seen ? -4 : rarity_of(bytes[i]);
  }
  return score;
}

// Roughly how often each gram occurs in the patterns themselves: what many patterns share, words
// and headers, is met often in files too.
class GramCounts {
 public:
  explicit GramCounts(const std::vector<Bytes>& patterns) : counts_(std::size_t{1} << kBits) {
    for (const Bytes& pattern : patterns) {
      for (std::size_t at = 0; at + kGramBytes <= pattern.size(); ++at) ++slot(&pattern[at]);
    }
  }
  /// How many times the count doubles from one.
  int magnitude(const std::uint8_t* gram) { return static_cast<int>(std::bit_width(slot(gram))); }

 private:
  static constexpr std::uint32_t kBits = 20;
  std::uint32_t& slot(const std::uint8_t* gram) {
    return counts_[gram_at(gram) * kGolden >> (32 - kBits)];
  }
  std::vector<std::uint32_t> counts_;
};

// The offset of the gram under which to enter a pattern.
std::uint32_t choose_gram(ByteView pattern, GramCounts& counts) {
  constexpr int kPerDoubling = 4;
  std::uint32_t best = 0;
  int best_score = 0;
  for (std::uint32_t at = 0; at + kGramBytes <= pattern.size(); ++at) {
    const std::uint8_t* gram = &pattern[at];
    const int score = rarity_of_gram(gram) - kPerDoubling * counts.magnitude(gram);
    if (at == 0 || score > best_score) {
      best = at;
      best_score = score;
    }
  }
  return best;
}

}  // namespace

std::uint32_t PatternSet::bit_of(std::uint32_t gram) const { return gram * kGolden >> bit_shift_; }
std::uint32_t PatternSet::head_of(std::uint32_t gram) const {
  return gram * kGolden >> head_shift_;
}

PatternSet::PatternSet(const std::vector<Bytes>& patterns) {
  if (patterns.empty()) return;
  GramCounts counts(patterns);
  for (const Bytes& pattern : patterns) {
    ensure(pattern.size() >= kPatternBytesMin && pattern.size() <= kPatternBytesMax,
           "a pattern has a length that the loader has checked");
    entries_.push_back({.pattern = static_cast<std::uint32_t>(places_.size()),
                        .gram_offset = choose_gram(pattern, counts)});
    entries_.back().gram = gram_at(&pattern[entries_.back().gram_offset]);
    places_.push_back({.begin = static_cast<std::uint32_t>(bytes_.size()),
                       .size = static_cast<std::uint32_t>(pattern.size())});
    append(bytes_, pattern);
    longest_ = std::max(longest_, pattern.size());
  }
  // 64 to 128 bits a pattern in the bitmap (2,000 patterns: 32 KiB), two heads a pattern.
  const auto magnitude = static_cast<std::uint32_t>(std::bit_width(patterns.size()));
  bit_shift_ = 32 - std::clamp(magnitude + 7, 13U, 22U);
  head_shift_ = 32 - std::clamp(magnitude + 1, 8U, 22U);
  bitmap_.resize((std::size_t{1} << (32 - bit_shift_)) / 64);
  heads_.resize((std::size_t{1} << (32 - head_shift_)) + 1);
  std::ranges::sort(entries_, {},
                    [&](const Entry& e) { return std::pair(head_of(e.gram), e.pattern); });
  for (const Entry& entry : entries_) {
    bitmap_[bit_of(entry.gram) / 64] |= std::uint64_t{1} << bit_of(entry.gram) % 64;
    ++heads_[head_of(entry.gram) + 1];
  }
  for (std::size_t i = 1; i < heads_.size(); ++i) heads_[i] += heads_[i - 1];
}

bool PatternSet::confirm(ByteView text, std::size_t position, const OnMatch& on_match) const {
  const std::uint32_t gram = gram_at(&text[position]);
  const std::uint32_t head = head_of(gram);
  for (std::uint32_t i = heads_[head]; i < heads_[head + 1]; ++i) {
    const Entry& entry = entries_[i];
    if (entry.gram != gram || entry.gram_offset > position) continue;
    const Place& place = places_[entry.pattern];
    const std::size_t start = position - entry.gram_offset;
    if (place.size > text.size() - start) continue;
    if (std::memcmp(&text[start], &bytes_[place.begin], place.size) != 0) continue;
    if (!on_match(entry.pattern, start)) return false;
  }
  return true;
}

bool PatternSet::find(ByteView text, const OnMatch& on_match) const {
  if (places_.empty() || text.size() < kGramBytes) return true;
  const std::size_t positions = text.size() - kGramBytes + 1;
  const std::uint8_t* bytes = text.data();
  const std::uint64_t* bitmap = bitmap_.data();
  const std::uint32_t shift = bit_shift_;
  const auto hit = [=](std::size_t at) {
    const std::uint32_t bit = gram_at(bytes + at) * kGolden >> shift;
    return static_cast<std::uint32_t>(bitmap[bit / 64] >> bit % 64 & 1);
  };
  std::size_t at = 0;
  for (; at + 8 <= positions; at += 8) {  // eight positions, one branch
    std::uint32_t hits = 0;
    for (std::uint32_t i = 0; i < 8; ++i) hits |= hit(at + i) << i;
    for (; hits != 0; hits &= hits - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(hits));
      if (!confirm(text, at + i, on_match)) return false;
    }
  }
  for (; at < positions; ++at) {
    if (hit(at) != 0 && !confirm(text, at, on_match)) return false;
  }
  return true;
}

// What crosses the border of two pieces is found in a seam: the kept tail with as many bytes of
// the new piece as the longest pattern can reach into. The piece itself is searched where it lies.
bool PatternStream::feed(ByteView piece, const OnMatch& on_match) {
  const std::size_t reach = patterns_->longest() == 0 ? 0 : patterns_->longest() - 1;
  const std::size_t tail = tail_.size();
  const std::uint64_t start = position_;
  position_ += piece.size();
  append(tail_, piece.first(std::min(piece.size(), reach)));
  const auto crosses = [&](std::size_t pattern, std::size_t at) {
    if (at >= tail || at + patterns_->size_of(pattern) <= tail) return true;
    return on_match(pattern, start - tail + at);
  };
  if (tail > 0 && !patterns_->find(tail_, crosses)) return false;
  if (piece.size() >= reach) {
    const ByteView last = piece.last(reach);
    tail_.assign(last.begin(), last.end());
  } else if (tail_.size() > reach) {
    tail_.erase(tail_.begin(), tail_.end() - static_cast<std::ptrdiff_t>(reach));
  }
  return patterns_->find(
      piece, [&](std::size_t pattern, std::size_t at) { return on_match(pattern, start + at); });
}

}  // namespace amanat::scan
