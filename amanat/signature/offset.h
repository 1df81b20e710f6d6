#pragma once

// Where a match may begin.
//
//   offset   "*" / place ["," max-shift]                      at most 64 characters
//   place    n / "EOF-" n / "EP+" n / "EP-" n / "S" x "+" n / "SL+" n / "SE" x / "VI" / "$" g "$"
//
// EP, S, SL, SE and VI are for executables only. With a shift the match may begin at the place or
// up to max-shift bytes behind it. SEx is the whole of section x: from its first byte to its size
// plus max-shift further on (so says the engine, past the end of the section). `$g$` joins macro
// group g (0 to 31): such a match is counted for no signature of its own.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/signature/object_type.h"
#include "amanat/signature/reasons.h"

namespace amanat::signature {

inline constexpr std::uint32_t kMacroGroups = 32;
inline constexpr std::size_t kOffsetTextMax = 64;

struct Offset {
  enum class From : std::uint8_t {
    anywhere,      // *
    start,         // n
    end,           // EOF-n
    entry_plus,    // EP+n
    entry_minus,   // EP-n
    section,       // Sx+n
    last_section,  // SL+n
    in_section,    // SEx
    version_info,  // VI
    macro_group,   // $g$
  };
  From from = From::anywhere;
  std::uint32_t distance = 0;  // n
  std::uint32_t section = 0;   // x; the group of macro_group
  std::uint32_t shift = 0;

  friend bool operator==(const Offset&, const Offset&) = default;
};

/// What an executable says about itself, in positions of the file.
struct Layout {
  struct Section {
    std::uint64_t position = 0;
    std::uint64_t size = 0;
    friend bool operator==(const Section&, const Section&) = default;
  };
  std::uint64_t entry_point = 0;
  std::vector<Section> sections{};
  std::vector<std::uint64_t> version_info{};  // where strings of the version information begin

  friend bool operator==(const Layout&, const Layout&) = default;
};

/// Positions first to last, both included.
struct Positions {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  bool contains(std::uint64_t position) const { return first <= position && position <= last; }
  friend bool operator==(const Positions&, const Positions&) = default;
};

/// Reads an offset as it stands in a line for `target`.
Parsed<Offset> parse_offset(std::string_view text, Target target);

/// The offset as `parse_offset` reads it: "EP+12,4".
std::string print(const Offset& offset);

/// Where a match may begin in an object of `size` bytes; nothing when nowhere.
///
/// `layout` is null when the object is no executable or does not parse as one. In an executable
/// target every relative offset, EOF-n too, then leads nowhere. `version_info` and `macro_group`
/// have no range: they give every position, and the caller asks further.
std::optional<Positions> resolve(const Offset& offset, Target target, std::uint64_t size,
                                 const Layout* layout);

}  // namespace amanat::signature
