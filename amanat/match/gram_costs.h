#pragma once

// How common bytes are in clean data, as a chain of pairs: the bits a byte costs after the one
// before it. A string of many bits is rare. The table is made by tools/gram_costs.py.

#include <array>
#include <cstdint>
#include <string_view>

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

 private:
  explicit GramCosts(bool folded);
  static constexpr std::size_t kFirstRow = std::size_t{256} * 256;
  std::array<std::uint8_t, kFirstRow + 256> costs_;
};

}  // namespace amanat::match
