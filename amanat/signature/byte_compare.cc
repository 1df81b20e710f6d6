#include "amanat/signature/byte_compare.h"

#include <algorithm>
#include <limits>
#include <string>

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

using Form = ByteCompare::Form;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool begins_with_0x(std::string_view text) {
  return text.size() >= 3 && (text.starts_with("0x") || text.starts_with("0X"));
}

/// What C's strtol reads at the beginning of a text that does not begin with white space.
struct ReadNumber {
  std::int64_t value = 0;
  std::size_t end = 0;  // behind the last digit; 0 when there is none
};
std::optional<ReadNumber> read_c_number(std::string_view text, unsigned base) {
  std::size_t i = 0;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    i = 1;
  } else if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) {
    i = 2;
  }
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  ReadNumber number;
  std::uint64_t value = 0;
  for (; i < text.size(); ++i) {
    const auto digit = digit_of(text[i]);
    if (!digit || *digit >= base) break;
    if (value > (kMax - *digit) / base) return std::nullopt;
    value = value * base + *digit;
    number.end = i + 1;
  }
  number.value = negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return number;
}

bool is_hex_or_x(char c) { return digit_of(c).has_value() || c == 'x' || c == 'X'; }

// Turns the pairs of digits round: "0000BA" becomes "BA0000". A pair that is no hex wipes what was
// written before it.
std::string turn_pairs(std::string_view text) {
  if (text.size() == 1) return std::string(text);
  const bool has_0x = begins_with_0x(text);
  std::string padded;
  if (text.size() % 2 == 0) {
    padded = text;
    if (has_0x) padded[0] = 'x';
  } else {
    padded = has_0x ? "x00" + std::string(text.substr(2)) : '0' + std::string(text);
  }
  std::string turned(padded.size(), '0');
  for (std::size_t i = 0; i < padded.size(); i += 2) {
    const char first = padded[padded.size() - i - 2];
    const char second = padded[padded.size() - i - 1];
    if (is_hex_or_x(first)) turned[i] = first;
    if (is_hex_or_x(first) && is_hex_or_x(second)) {
      turned[i + 1] = second;
    } else {
      std::ranges::fill(turned, '0');
    }
  }
  return turned;
}

std::int64_t read_binary(ByteView bytes, bool little_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value = value << 8 | bytes[little_endian ? bytes.size() - 1 - i : i];
  }
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> read_text(const ByteCompare& compare, std::string_view text) {
  std::size_t spaces = 0;
  while (spaces < text.size() && is_space(text[spaces])) ++spaces;
  text.remove_prefix(spaces);
  Form form = compare.form;
  if (form == Form::automatic) {
    if (text.size() < 3) return std::nullopt;
    form = begins_with_0x(text) ? Form::hex : Form::decimal;
  }
  if (form == Form::decimal && compare.little_endian) return std::nullopt;
  const bool turn = form == Form::hex && compare.little_endian && !text.empty();
  const std::string digits = turn ? turn_pairs(text) : std::string(text);
  const auto number = read_c_number(digits, form == Form::hex ? 16 : 10);
  if (!number) return std::nullopt;
  if (compare.exact && (number->end != text.size() || spaces != 0)) return std::nullopt;
  return number->value;
}

}  // namespace

std::optional<std::int64_t> read_number(const ByteCompare& compare, ByteView bytes) {
  if (compare.form == Form::binary) return read_binary(bytes, compare.little_endian);
  return read_text(compare, as_text(bytes));
}

bool holds_at(const ByteCompare& compare, ByteView text, std::uint64_t reference) {
  if (reference > text.size() || compare.offset > static_cast<std::int64_t>(text.size())) {
    return false;
  }
  const std::int64_t position = static_cast<std::int64_t>(reference) + compare.offset;
  const auto size = static_cast<std::int64_t>(text.size());
  if (position <= 0 || compare.size > size || position > size - compare.size) return false;
  const auto number =
      read_number(compare, text.subspan(static_cast<std::size_t>(position), compare.size));
  if (!number) return false;
  return std::ranges::all_of(compare.tests, [&](const ByteCompare::Test& test) {
    return holds(test.comparison, *number, test.value);
  });
}

}  // namespace amanat::signature
