#pragma once

// Finds many literal byte strings at once.
//
// Each pattern is entered under one of its 4-byte grams, the rarest as bytes go and among the
// patterns. At every position of the text the gram there is hashed and one bit looked up in a
// bitmap that stays in the first cache; only where the bit is set is the list of that gram read and
// the whole pattern compared. With 2,000 patterns some 1 % of positions get that far.

#include <cstdint>
#include <functional>
#include <vector>

#include "amanat/bytes/bytes.h"

namespace amanat::scan {

inline constexpr std::size_t kPatternBytesMin = 4;
inline constexpr std::size_t kPatternBytesMax = 4096;  // what a pattern may cost at a seam

class PatternSet {
 public:
  /// Hears that pattern number `pattern` begins at `position`; false stops the search.
  using OnMatch = std::function<bool(std::size_t pattern, std::size_t position)>;

  PatternSet() = default;
  /// Each of kPatternBytesMin to kPatternBytesMax bytes; matches name them by their index.
  explicit PatternSet(const std::vector<Bytes>& patterns);

  /// Reports every occurrence that lies within `text`, each once, in no promised order; false when
  /// `on_match` stopped it.
  bool find(ByteView text, const OnMatch& on_match) const;

  std::size_t size() const { return places_.size(); }
  std::size_t size_of(std::size_t pattern) const { return places_[pattern].size; }
  /// Bytes of the longest pattern, 0 when there is none.
  std::size_t longest() const { return longest_; }

 private:
  struct Place {  // where a pattern's bytes lie in `bytes_`
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  struct Entry {
    std::uint32_t gram = 0;
    std::uint32_t pattern = 0;
    std::uint32_t gram_offset = 0;  // within the pattern
  };
  bool confirm(ByteView text, std::size_t position, const OnMatch& on_match) const;
  std::uint32_t bit_of(std::uint32_t gram) const;
  std::uint32_t head_of(std::uint32_t gram) const;

  std::vector<std::uint64_t> bitmap_;
  std::vector<std::uint32_t> heads_;  // entries of head h: heads_[h] to heads_[h + 1]
  std::vector<Entry> entries_;
  std::vector<Place> places_;
  Bytes bytes_;
  std::uint32_t bit_shift_ = 0;
  std::uint32_t head_shift_ = 0;
  std::size_t longest_ = 0;
};

/// Searches a text that comes in pieces, whatever their sizes: an occurrence that lies across
/// pieces is found like any other. Keeps at most longest() - 1 bytes.
class PatternStream {
 public:
  /// Like PatternSet::OnMatch, with the position in the whole text.
  using OnMatch = std::function<bool(std::size_t pattern, std::uint64_t position)>;

  /// Borrows `patterns`.
  explicit PatternStream(const PatternSet& patterns) : patterns_(&patterns) {}

  /// Reports each occurrence that ends in this piece; false when `on_match` stopped it.
  bool feed(ByteView piece, const OnMatch& on_match);

  /// Goes on behind `count` bytes that are zeros, as those fed last were: at least as many as the
  /// longest pattern has. What lies wholly in them is not looked for.
  void skip_zeros(std::uint64_t count) { position_ += count; }

 private:
  const PatternSet* patterns_;
  Bytes tail_;  // the last bytes before `position_`
  std::uint64_t position_ = 0;
};

}  // namespace amanat::scan
