#pragma once

// The rows of a compiled database: what stands in the sections and how rows name each other.
//
//   signature ─ label, conditions, expression, subsignatures (first, count)
//   subsignature ─ offset, and by its kind: one or two patterns, or a blob of code
//   pattern, code ─ blobs by number; equal ones are there once
//
// An object is compared with one partition, that of its target, which has the signatures of the
// target and those for any:
//
//   index     finds anchors; its groups are targets and its ids count from 0
//   anchor    its uses: from row anchor_uses[id] to row anchor_uses[id + 1]
//   use       the pattern and part it stands for, how far behind the part's beginning, and who
//             wants to know: signatures users[first_user .. first_user + user_count)
//   covered   of each target: a bit for each pattern that is found by the index alone: not seen
//             means no match
//
// Partitions share all but what is of each target: most that is looked at is for any.

#include <array>
#include <cstdint>

#include "amanat/match/match.h"
#include "amanat/signature/object_type.h"
#include "amanat/threat/labels.h"

namespace amanat::threat {

inline constexpr std::uint32_t kNone = 0xffffffff;
static_assert(signature::kTargetCount <= match::kGroupsMax);

struct SignatureRow {
  Label label;
  std::uint32_t conditions = 0;          // a row
  std::uint32_t expression = kNone;      // a blob of code; none: its one body
  std::uint32_t first_subsignature = 0;  // a row
  std::uint16_t subsignature_count = 0;
  std::uint8_t target = 0;
  std::uint8_t zero = 0;
};

enum class SubsignatureKind : std::uint8_t { body, macro, byte_compare, regex };

struct SubsignatureRow {
  std::uint32_t kind_and_offset = 0;  // kind in the low 8 bits, the row of the offset above
  std::uint32_t a = kNone;            // body: a pattern; macro: min; others: a blob of code
  std::uint32_t b = kNone;            // body: another pattern, or none; macro: max

  SubsignatureKind kind() const { return static_cast<SubsignatureKind>(kind_and_offset & 0xffU); }
  std::uint32_t offset() const { return kind_and_offset >> 8U; }
};

struct OffsetRow {
  std::uint32_t from = 0;  // signature::Offset::From
  std::uint32_t distance = 0;
  std::uint32_t section = 0;  // of a macro: its group
  std::uint32_t shift = 0;
  friend auto operator<=>(const OffsetRow&, const OffsetRow&) = default;
};

/// Ranges are min and max; one that is not asked holds everything.
struct ConditionsRow {
  std::array<std::uint32_t, 2> file_size{0, kNone};
  std::array<std::uint32_t, 2> entry_point{0, kNone};
  std::array<std::uint32_t, 2> sections{0, kNone};
  std::uint8_t asked = 0;                // kAsks...
  std::uint8_t container = 0;            // an object type by number
  std::uint8_t intermediates_count = 0;  // object types, outermost first
  std::uint8_t zero = 0;
  std::array<std::uint8_t, 16> intermediates{};
  friend auto operator<=>(const ConditionsRow&, const ConditionsRow&) = default;
};
inline constexpr std::uint8_t kAsksFileSize = 1;
inline constexpr std::uint8_t kAsksEntryPoint = 2;
inline constexpr std::uint8_t kAsksSections = 4;
inline constexpr std::uint8_t kAsksContainer = 8;

struct UseRow {
  std::uint32_t pattern = 0;
  std::uint32_t part = 0;
  std::uint32_t distance = 0;  // the least; the part begins so far before the anchor, or up to
  std::uint32_t spread = 0;    // this much further
  std::uint32_t first_user = 0;
  std::uint32_t user_count = 0;
  std::uint32_t targets = 0;  // a bit for each in whose partition some user is
};

/// A pattern of a macro group; groups are one set for each target.
struct MacroRow {
  std::uint32_t group = 0;
  std::uint32_t pattern = 0;
};

/// A signature over what an archive says of a member: the rest is code (members.h).
struct MemberRow {
  Label label;
  std::uint32_t code = 0;  // a blob
};

}  // namespace amanat::threat
