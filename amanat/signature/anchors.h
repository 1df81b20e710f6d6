#pragma once

// The literals without which a signature cannot match.
//
// A scanner searches for these alone, all signatures' at once, and looks at a signature only where
// one of its anchors was seen. Of the members of an AND the cheapest is enough; of an OR all are
// needed; a count above zero needs a match and is like no count; a regular expression needs what
// its trigger needs. What may hold without any match, like `0=0`, has no anchors: such a signature
// is evaluated for every object of its target.
//
//   (0&1)|2   anchors of 0 or of 1, whichever are cheaper, and those of 2

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "amanat/signature/logical.h"

namespace amanat::signature {

inline constexpr std::size_t kAnchorBytesMin = 4;
inline constexpr std::size_t kAnchorBytesMax = 64;

/// Bytes that any match contains. They stand `distance` bytes behind the beginning of a part, where
/// that is always the same number.
struct Anchor {
  Bytes bytes;                            // kAnchorBytesMin to kAnchorBytesMax
  bool nocase = false;                    // letters in either case; `bytes` has small ones
  std::uint32_t subsignature = 0;         // of a logical signature
  std::uint32_t variant = 0;              // of its body
  std::uint32_t part = 0;                 // of the pattern
  std::optional<std::uint32_t> distance;  // from the beginning of the part

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

/// What searching for an anchor costs, in any unit: the rarer its bytes the less. Sums are
/// compared.
using AnchorCost = std::function<double(const Anchor&)>;

/// A cost that knows lengths only, for tests and as a fallback.
double cost_by_length(const Anchor& anchor);

/// The cheapest set such that every match contains one of them; nothing when there is none, because
/// the pattern has no literal of 4 bytes or the signature may hold without a match.
std::optional<std::vector<Anchor>> find_anchors(const Pattern& pattern, const AnchorCost& cost);
std::optional<std::vector<Anchor>> find_anchors(const Body& body, const AnchorCost& cost);
std::optional<std::vector<Anchor>> find_anchors(const Logical& logical, const AnchorCost& cost);

}  // namespace amanat::signature
