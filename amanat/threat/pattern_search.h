#pragma once

// All matches of a pattern in a text, found on demand.
//
// Parts are found one by one, the one that is easiest to find first, and the others only where the
// gaps allow them to stand. Then the chains are followed from the first part to the last: a match
// is a place of the last part to which some chain leads, and begins where the earliest chain does.
// So the cost is one reading of the text in the worst case for each part, however many places there
// are, and nothing is tried twice.

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/signature/offset.h"
#include "amanat/threat/pattern_code.h"
#include "amanat/threat/windows.h"
#include "amanat/threat/work.h"

namespace amanat::threat {

/// Where a part matches.
struct Place {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// Where a pattern matches: the place of its last part, and where the earliest chain to it begins.
struct PatternMatch {
  std::uint64_t begin = 0;
  Place last;
  friend bool operator==(const PatternMatch&, const PatternMatch&) = default;
};

/// What is searched, and how it is read through when that is not by its view.
struct Text {
  Text(ByteView view, const ReadWindow* how = nullptr)  // NOLINT(google-explicit-constructor)
      : bytes(view), read(how) {}
  ByteView bytes;
  const ReadWindow* read;
};

/// All places of one part that begin in `range`, in order.
std::vector<Place> find_places(const PartCode& part, Text text, signature::Positions range,
                               Work& work);

/// A gap from which on searching the rest of a large text is worth being done in passing.
inline constexpr std::uint64_t kWorthReading = std::uint64_t{1} << 20U;

/// Adds the places of a part with a probe that begin in `range` and whose probe begins in the
/// window; in no order, perhaps twice.
void look_for_places(const PartCode& part, ByteView text, signature::Positions range,
                     const Window& window, Work& work, std::vector<Place>& places);

/// All places of the part behind a known one that begin at `from` or later.
struct FollowingPart {
  std::uint64_t from = 0;
  std::vector<Place> places;  // in order
};

/// What is known before a search: all places of one part.
struct KnownPart {
  std::uint32_t part = 0;
  std::vector<Place> places;  // in order
  std::optional<FollowingPart> following;
};

/// All matches of the pattern whose first part begins in `range`, by their last part.
std::vector<PatternMatch> find_matches(ByteView pattern, Text text, signature::Positions range,
                                       const KnownPart* known, Work& work);

}  // namespace amanat::threat
