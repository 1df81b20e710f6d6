#pragma once

// How common bytes are in clean data, as a chain of pairs: the bits a byte costs after the one
// before it. A string of many bits is rare. The table is made by tools/gram_costs.py.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::match {

/// Rows of 256 characters, each '0' plus the quarters of a bit: row a, column b is the cost of b
/// after a; row 256 is the cost of a first byte.
extern const std::array<std::string_view, 257> kGramCosts;

/// Costs in quarters of a bit.
class GramCosts {
 public:
  /// For texts as they are or for texts folded to lower case, in which both cases count as one.
  static const GramCosts& plain();
  static const GramCosts& folded();

  std::uint32_t first(std::uint8_t byte) const { return costs_[kFirstRow + byte]; }
  std::uint32_t next(std::uint8_t before, std::uint8_t byte) const {
    return costs_[std::size_t{before} * 256 + byte];
  }
  /// Of `bytes[i]`, i > 0, after those before it. Where a byte stood twice, more of it are likely,
  /// which pairs do not tell: files are full of zeros, indented lines and rules of dashes.
  std::uint32_t next_in(ByteView bytes, std::size_t i) const {
    constexpr std::uint32_t kInRun = 2;
    const std::uint32_t cost = next(bytes[i - 1], bytes[i]);
    const bool is_run = i > 1 && bytes[i] == bytes[i - 1] && bytes[i] == bytes[i - 2];
    return is_run ? std::min(cost, kInRun) : cost;
  }

 private:
  explicit GramCosts(bool folded);
  static constexpr std::size_t kFirstRow = std::size_t{256} * 256;
  std::array<std::uint8_t, kFirstRow + 256> costs_;
};

}  // namespace amanat::match
