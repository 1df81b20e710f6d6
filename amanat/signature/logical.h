#pragma once

// Logical signatures: .ldb, .ldu
//
//   line         name ";" conditions ";" expression ";" subsignature *(";" subsignature)   up to 64
//   conditions   condition *("," condition)      Engine first, Target always
//   expression   see expression.h; it numbers the subsignatures from 0
//
//   subsignature [offset ":"] pattern ["::" modifiers]                          a body (body.h)
//              / "${" min "-" max "}" group "$"                                 a macro
//              / id "(" place "#" [form][order]["e"] n "#" test ["," test] ")"  a byte comparison
//              / [offset ":"] trigger "/" expression "/" flags                  a regular
//              expression / "fuzzy_img#" hex16 ["#0"]                                      an image

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "amanat/signature/body.h"
#include "amanat/signature/expression.h"

namespace amanat::signature {

inline constexpr std::size_t kSubsignaturesMax = 64;
inline constexpr std::size_t kIntermediatesMax = 16;
inline constexpr std::size_t kRegexBytesMax = 16384;
inline constexpr std::size_t kConditionsMax = 10;
inline constexpr std::uint32_t kByteCompareHexMax = 18;    // digits, ClamAV's own
inline constexpr std::uint32_t kByteCompareSizeMax = 256;  // of other forms

/// Numbers min to max, both included.
struct Range {
  std::uint32_t min = 0;
  std::uint32_t max = 0;

  bool contains(std::uint64_t value) const { return min <= value && value <= max; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// What must hold about the object besides its bytes (the "target description block").
struct Conditions {
  Target target = Target::any;
  std::optional<Range> engine;  // already checked against kEngineLevel
  std::optional<Range> file_size;
  std::optional<Range> entry_point;         // executables only
  std::optional<Range> number_of_sections;  // executables only
  std::optional<std::string> icon_group1;   // PE only; nothing here evaluates icons
  std::optional<std::string> icon_group2;
  std::optional<ObjectType> container;    // type of the object this one lies in; ANY: in none
  std::vector<ObjectType> intermediates;  // outermost first, down to the direct container
  std::optional<ObjectType> handler;      // no alert: the object is scanned again as this type

  friend bool operator==(const Conditions&, const Conditions&) = default;
};

/// The subsignature before it must be followed by a match of a group: from `min` to `max` bytes
/// after its beginning.
struct Macro {
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::uint32_t group = 0;  // below kMacroGroups

  friend bool operator==(const Macro&, const Macro&) = default;
};

/// Compares a number that stands near the last match of another subsignature.
struct ByteCompare {
  enum class Form : std::uint8_t { hex, decimal, automatic, binary };
  struct Test {
    Comparison comparison = Comparison::equal;
    std::int64_t value = 0;
    friend bool operator==(const Test&, const Test&) = default;
  };
  std::uint32_t reference = 0;  // the other subsignature
  std::int64_t offset = 0;      // from the beginning of its last match
  Form form = Form::automatic;
  bool little_endian = false;
  bool exact = false;  // all of `size` bytes must be digits
  std::uint32_t size = 0;
  std::vector<Test> tests;  // 1 or 2, all of which must hold

  friend bool operator==(const ByteCompare&, const ByteCompare&) = default;
};

/// A Perl-compatible regular expression, tried only when its trigger holds.
struct Regex {
  struct Flags {
    bool global = false;     // g: count all matches, not the first alone
    bool rolling = false;    // r: may match behind the offset
    bool encompass = false;  // e: must match within the offset and its shift
    bool caseless = false, dotall = false, multiline = false, extended = false;  // i s m x
    bool anchored = false, dollar_endonly = false, ungreedy = false;             // A E U
    friend bool operator==(const Flags&, const Flags&) = default;
  };
  Offset offset;
  Expression trigger;      // over earlier subsignatures
  std::string expression;  // between the slashes
  Flags flags;

  friend bool operator==(const Regex&, const Regex&) = default;
};

/// An image whose perceptual hash is exactly this.
struct FuzzyImage {
  std::array<std::uint8_t, 8> hash{};

  friend bool operator==(const FuzzyImage&, const FuzzyImage&) = default;
};

using Subsignature = std::variant<Body, Macro, ByteCompare, Regex, FuzzyImage>;

struct Logical {
  std::string name;
  Conditions conditions;
  Expression expression;
  std::vector<Subsignature> subsignatures;  // 1 to kSubsignaturesMax

  friend bool operator==(const Logical&, const Logical&) = default;
};
Parsed<Logical> parse_logical(std::string_view line);

/// The line that `parse_logical` reads as this; modifiers are written out as bytes and boundaries,
/// except `i`. Nothing when a subsignature has two variants: it then has no plain spelling.
std::optional<std::string> print(const Logical& logical);

}  // namespace amanat::signature
