#pragma once

// Why a line of a signature file is not applied. A line is never dropped in silence: it parses, or
// it comes back with one of these and with words, and whoever loads a file counts them.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace amanat::signature {

/// The level of ClamAV's engine whose formats we read (1.4.6): a line for newer engines only, or
/// for older ones only, is not for us.
inline constexpr std::uint32_t kEngineLevel = 216;

/// No line of a signature file is longer; ClamAV's own buffer ends at 8,192 bytes in a file and at
/// 256 KiB in a container.
inline constexpr std::size_t kLineBytesMax = std::size_t{256} << 10;
inline constexpr std::size_t kNameBytesMax = 256;

enum class Reason : std::uint8_t {
  malformed,          // the line breaks the grammar: ClamAV would refuse the whole file
  comment,            // an empty line or one that begins with '#'
  too_long,           // longer than kLineBytesMax
  too_short,          // a part of the pattern has fewer than 2 bytes to search for
  too_costly,         // over a named limit of ours: parts, gaps, alternatives, nesting, size
  engine_newer,       // for newer engines only
  engine_older,       // for older engines only
  unknown_target,     // a target type that no engine knows
  unknown_attribute,  // a condition of a logical signature that the engine does not know
  unknown_type,       // a type of file that the engine does not know
  unsupported,        // the engine knows it, and this one does not evaluate it
};
inline constexpr std::size_t kReasonCount = 11;

/// In words for people: "the line breaks the grammar".
std::string_view describe(Reason reason);

/// Why, and where in the line: `detail` is for whoever repairs the line, never shown alone.
struct Refusal {
  Reason reason = Reason::malformed;
  std::string detail;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// A value, or why the line that should hold it is not applied.
template <class T>
using Parsed = std::expected<T, Refusal>;

[[nodiscard]] inline std::unexpected<Refusal> refuse(Reason reason, std::string_view detail) {
  return std::unexpected<Refusal>(Refusal{reason, std::string(detail)});
}

}  // namespace amanat::signature
