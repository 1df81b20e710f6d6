#pragma once

// What the lines of all formats are made of: fields, numbers, hex digits, names and levels.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/signature/reasons.h"

namespace amanat::signature {

/// The fields between separators; one more than there are separators. Borrows.
std::vector<std::string_view> split(std::string_view line, char separator);

/// The same, but not at separators between two slashes, from field number `first` (counted from 0)
/// on: so regular expressions may contain them. A slash after a backslash is none.
std::vector<std::string_view> split_outside_slashes(std::string_view line, char separator,
                                                    std::size_t first);

/// Decimal digits alone, and no more than fit.
template <std::unsigned_integral T>
std::optional<T> parse_number(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// As C reads numbers: 0x for hexadecimal, a leading 0 for octal, perhaps a sign.
std::optional<std::int64_t> parse_c_number(std::string_view text);

/// The value of a hex digit, in either case.
std::optional<std::uint8_t> digit_of(char c);

/// Hex in either case, one byte or more.
std::optional<Bytes> parse_hex(std::string_view hex);

/// Exactly N bytes of it.
template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> parse_hex_array(std::string_view hex) {
  const auto bytes = parse_hex(hex);
  if (!bytes || bytes->size() != N) return std::nullopt;
  std::array<std::uint8_t, N> array{};
  std::copy(bytes->begin(), bytes->end(), array.begin());
  return array;
}

/// 1 to kNameBytesMax visible characters and spaces of ASCII.
bool is_name(std::string_view name);

/// Cuts off CR and LF, and refuses what no format allows: empty lines, comments, overlong lines.
Parsed<std::string_view> trim_line(std::string_view line);

/// The smallest and largest level that a line is for, in `fields[first]` and behind, as far as they
/// are there; refuses those that leave our engine out. Returns the smallest, 0 when not given.
Parsed<std::uint32_t> parse_levels(const std::vector<std::string_view>& fields, std::size_t first);

/// "*", "n" or "x-y" as cdb lines have them: outer nothing when malformed, inner nothing for "*".
template <class RangeType>
std::optional<std::optional<RangeType>> parse_range_or_any(std::string_view text) {
  using Found = std::optional<RangeType>;
  if (text == "*") return Found{};
  const std::size_t dash = text.find('-');
  const auto min = parse_number<std::uint32_t>(text.substr(0, dash));
  const auto max =
      dash == std::string_view::npos ? min : parse_number<std::uint32_t>(text.substr(dash + 1));
  if (!min || !max) return std::nullopt;
  return Found(RangeType{*min, *max});
}

}  // namespace amanat::signature
