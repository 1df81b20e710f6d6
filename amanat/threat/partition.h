#pragma once

// What objects of each target are compared with: the index of anchors, and what to do where one is
// seen.

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "amanat/threat/image.h"
#include "amanat/threat/tables.h"

namespace amanat::threat {

struct AnchorLiteral {
  Bytes bytes;
  bool nocase = false;

  friend auto operator<=>(const AnchorLiteral&, const AnchorLiteral&) = default;
};

/// A literal, the part of a pattern that may stand where it is seen, and a signature that asks.
struct AnchorUse {
  std::uint32_t literal = 0;
  std::uint32_t pattern = 0;
  std::uint32_t part = 0;
  std::uint32_t distance = 0;
  std::uint32_t spread = 0;
  std::uint32_t user = 0;
  std::uint32_t targets = 0;  // in whose partitions the user is, a bit for each

  friend auto operator<=>(const AnchorUse&, const AnchorUse&) = default;
};

/// Writes the sections that partitions share and those of each; see tables.h.
///
///   literals   what AnchorUse::literal counts
///   fails      as match::build_index does
Result<> write_anchors(ImageWriter& writer, std::vector<AnchorUse> uses,
                       std::span<const AnchorLiteral> literals, std::size_t pattern_count);

}  // namespace amanat::threat
