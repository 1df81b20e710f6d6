#pragma once

// The elements of a part as they are written; see pattern_code.h. Numbers are numbers of code.h.

#include <cstdint>

namespace amanat::threat {

enum class Op : std::uint8_t {
  exact,           // size, values[size]
  folded,          // size, values[size]: letters in either case, small or capital as value & df
  wide_exact,      // size, values[size]: a zero follows each
  wide_folded,     // the same, letters in either case
  masked,          // size, values[size], masks[size]
  skip,            // size: bytes of any kind
  plain_choices,   // u8 negated, count, size, values[size] of each
  masked_choices,  // u8 negated, count, size, values[size] and masks[size] of each
  choices,         // u8 negated, count, for each: size, values[size], masks[size]
  boundary,        // u8 kind, and kNegated
};

// Of a boundary, beside its kind.
inline constexpr std::uint8_t kNegated = 0x80;
inline constexpr std::uint8_t kPresent = 0x40;
inline constexpr std::uint8_t kBoundaryKind = 0x03;

}  // namespace amanat::threat
