#pragma once

// The body language: patterns of bytes with holes.
//
//   pattern   part *(gap part)
//   gap       "*" / "{" n "}" / "{-" n "}" / "{" n "-}" / "{" n "-" m "}"
//   part      [byte "[" x ["-" y] "]"] 1*element ["[" x ["-" y] "]" byte]
//   element   byte / ["!"] "(" word *("|" word) ")" / ["!"] "(" ("B" / "L" / "W") ")"
//   byte      hex hex / "??" / hex "?" / "?" hex
//
//   6a??(41|42)c1{4-8}e8        five bytes, then four to eight of any kind, then e8
//
// The modifiers of logical signatures are expanded when they are read: `i` becomes masks, `f` the
// boundary (W) on both sides, `w` and `a` one pattern each. What follows the grammar but would cost
// too much to search for is refused with a reason. Meaning and oddities are ClamAV's: a gap whose
// upper bound is 0 has none, `!(B)` at the left end consumes a byte, `[x-y]` does not move the
// place of the match.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/signature/offset.h"
#include "amanat/signature/reasons.h"

namespace amanat::signature {

// Limits of ours, above what real signatures use.
inline constexpr std::size_t kPatternTextMax = std::size_t{64} << 10;  // hex digits and the rest
inline constexpr std::size_t kPartsMax = 64;
inline constexpr std::size_t kChoicesMax = 1024;          // of one element, after expansion
inline constexpr std::size_t kChoicesBytesMax = 1 << 16;  // of one pattern, after expansion
inline constexpr std::size_t kAlternativesMax = 4096;     // elements of one pattern
inline constexpr std::size_t kVaryingMax = 16;            // of them, those of several lengths
inline constexpr std::size_t kNestingMax = 15;            // ClamAV's own
inline constexpr std::uint32_t kGapMax = 1U << 28;
inline constexpr std::uint32_t kNearMax = 32;  // of [x-y], ClamAV's own

/// A byte of a text fits when `(byte & mask) == value`. Masks in use: ff, f0, 0f, 00, and df for a
/// letter in either case.
struct MaskedByte {
  std::uint8_t value = 0;
  std::uint8_t mask = 0xff;

  bool fits(std::uint8_t byte) const { return (byte & mask) == value; }
  friend bool operator==(const MaskedByte&, const MaskedByte&) = default;
};
using Run = std::vector<MaskedByte>;

/// One of several runs. The first that lets the rest of the part match is taken, in this order.
/// Negated ones have one length, and stand for as many bytes that are none of them.
struct Alternatives {
  bool negated = false;
  std::vector<Run> choices;

  friend bool operator==(const Alternatives&, const Alternatives&) = default;
};

/// Whether its choices differ in length: then a match may have to try several of them.
bool is_varying(const Alternatives& alternatives);

/// What a byte beside or inside a match must be.
struct Boundary {
  enum class Kind : std::uint8_t {
    word,          // B: a byte that parts words; which ones depends on the side (reference.h)
    line,          // L: CR LF or LF
    not_alphanum,  // W
  };
  Kind kind = Kind::word;
  bool negated = false;

  friend bool operator==(const Boundary&, const Boundary&) = default;
};

using Element = std::variant<Run, Alternatives, Boundary>;

/// A byte that stands `min` to `max` bytes beside a part, and is not part of the match.
struct Near {
  MaskedByte byte;
  std::uint32_t min = 0;
  std::uint32_t max = 0;

  friend bool operator==(const Near&, const Near&) = default;
};

/// What matches in one piece. Boundaries at its ends look at the bytes outside, or at the ends of
/// the text.
struct Part {
  std::optional<Near> before, after;
  std::optional<Boundary> left, right;
  std::vector<Element> elements;

  std::size_t length_min() const;
  std::size_t length_max() const;
  friend bool operator==(const Part&, const Part&) = default;
};

/// Between the end of one part and the beginning of the next.
struct Gap {
  std::uint32_t min = 0;
  std::optional<std::uint32_t> max;  // nothing: no bound

  friend bool operator==(const Gap&, const Gap&) = default;
};

struct Pattern {
  std::vector<Part> parts;  // 1 to kPartsMax
  std::vector<Gap> gaps;    // one less
  bool wide = false;        // (W) at an end looks at two bytes, a letter and a zero (`w` made it)

  friend bool operator==(const Pattern&, const Pattern&) = default;
};

/// The modifiers after "::".
struct Modifiers {
  bool nocase = false, wide = false, ascii = false, fullword = false;

  friend bool operator==(const Modifiers&, const Modifiers&) = default;
};

/// A pattern and where it may begin; `wide` and `ascii` together give two variants of it, whose
/// matches count together.
struct Body {
  Offset offset;
  std::vector<Pattern> variants;  // 1 or 2: wide first

  friend bool operator==(const Body&, const Body&) = default;
};

/// Reads the body language, without modifiers or with some.
Parsed<std::vector<Pattern>> parse_patterns(std::string_view text, Modifiers modifiers = {});

/// The one spelling of a pattern that `parse_patterns` reads as it, given `nocase` if a letter of
/// it has the mask df; wide patterns are written byte by byte.
std::string print(const Pattern& pattern);

/// A file of one target with these bytes: .ndb, .ndu
///
///   line   name ":" target ":" offset ":" pattern [":" level-min [":" level-max]]
struct BodySignature {
  std::string name;
  Target target = Target::any;
  Body body;

  friend bool operator==(const BodySignature&, const BodySignature&) = default;
};
Parsed<BodySignature> parse_body_signature(std::string_view line);

/// The line that `parse_body_signature` reads as this.
std::string print(const BodySignature& signature);

}  // namespace amanat::signature
