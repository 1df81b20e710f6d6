#pragma once

// Body patterns as flat bytes that are matched where they lie.
//
//   pattern      u8 flags (1: wide), number of parts, parts with a gap before each but the first
//   gap          min, max + 1 (0: no bound)
//   part         length, then: length-min, length-max, probe, near (before), near (after), boundary
//                (left), boundary (right), elements
//   probe        u8 count (0: none), distance-min, spread, values[count], masks[count]
//   near         u8 present; if it is: value, mask, min, max (a byte each)
//   boundary     u8: 0 for none, or the kind, 0x40, and 0x80 for "not"
//   element      an Op, its arguments; until the end of the part
//
// Letters in either case, runs of `??` and text of two bytes a character have forms of their own,
// because they are most of what is not plain, and a mask would double them.
//
// The probe is a few bytes that stand near the beginning of any match, between distance-min and
// distance-min + spread behind it: what is searched for when a part has to be found in a text.

#include <cstdint>
#include <optional>

#include "amanat/bytes/bytes.h"
#include "amanat/signature/body.h"
#include "amanat/threat/code.h"
#include "amanat/threat/work.h"

namespace amanat::threat {

inline constexpr std::size_t kProbeBytesMax = 8;

Bytes encode_pattern(const signature::Pattern& pattern);

struct Probe {
  std::uint8_t count = 0;
  std::uint32_t distance_min = 0;
  std::uint32_t spread = 0;
  std::uint64_t value = 0;  // the first byte lowest; a text word fits when word & mask == value
  std::uint64_t mask = 0;
};

/// One part where it lies; borrows.
struct PartCode {
  std::uint64_t gap_min = 0;                 // before it
  std::optional<std::uint64_t> gap_max = 0;  // nothing: no bound
  std::uint64_t length_min = 0;
  std::uint64_t length_max = 0;
  Probe probe;
  ByteView surroundings;  // near, near, boundary, boundary
  ByteView elements;
  bool wide = false;
};

/// Reads the parts of a pattern one after the other.
class PatternReader {
 public:
  explicit PatternReader(ByteView code);
  std::uint32_t part_count() const { return part_count_; }
  /// The next part; nothing after the last, or where the bytes are damaged.
  std::optional<PartCode> next();

 private:
  CodeReader reader_;
  bool wide_ = false;
  std::uint32_t part_count_ = 0;
  std::uint32_t index_ = 0;
};

/// Where the part ends when it matches at `begin`; nothing when it does not.
std::optional<std::uint64_t> match_part(const PartCode& part, ByteView text, std::uint64_t begin,
                                        Work& work);

}  // namespace amanat::threat
