#include "amanat/consent/terminal_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace amanat::consent {
namespace {

struct Range {
  char32_t first, last;
};

// Marks without a column of their own in the scripts of India and Europe, and joiners.
constexpr auto kMarks = std::to_array<Range>({
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0900, 0x0902}, {0x093A, 0x093A}, {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D},
    {0x0951, 0x0957}, {0x0962, 0x0963}, {0x0981, 0x0981}, {0x09BC, 0x09BC}, {0x09C1, 0x09C4},
    {0x09CD, 0x09CD}, {0x0A01, 0x0A02}, {0x0A3C, 0x0A51}, {0x0A70, 0x0A71}, {0x0A81, 0x0A82},
    {0x0ABC, 0x0ABC}, {0x0AC1, 0x0AC8}, {0x0ACD, 0x0ACD}, {0x0B01, 0x0B01}, {0x0B3C, 0x0B3C},
    {0x0B3F, 0x0B3F}, {0x0B41, 0x0B44}, {0x0B4D, 0x0B4D}, {0x0B82, 0x0B82}, {0x0BC0, 0x0BC0},
    {0x0BCD, 0x0BCD}, {0x0C3E, 0x0C40}, {0x0C46, 0x0C56}, {0x0CBF, 0x0CBF}, {0x0CCC, 0x0CCD},
    {0x0D41, 0x0D44}, {0x0D4D, 0x0D4D}, {0x200B, 0x200F}, {0x20D0, 0x20F0}, {0xFE00, 0xFE0F},
});
constexpr auto kWide = std::to_array<Range>({
    {0x1100, 0x115F},
    {0x2E80, 0x303E},
    {0x3041, 0xA4CF},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},
    {0x1F300, 0x1FAFF},
    {0x20000, 0x3FFFD},
});
// C0, DEL, C1; line and paragraph separators; embeddings, overrides and isolates; the byte order
// mark. The joiners U+200C and U+200D stay: Hindi and Persian need them.
constexpr auto kUnshowable = std::to_array<Range>({
    {0x00, 0x1F},
    {0x7F, 0x9F},
    {0x061C, 0x061C},
    {0x200B, 0x200B},
    {0x200E, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0xFEFF, 0xFEFF},
    {0xE0000, 0xE0FFF},
});

bool is_in(std::span<const Range> ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return r.first <= c && c <= r.last; });
}

// Takes one character off the front; nothing when what is there is not UTF-8 (RFC 3629).
std::optional<char32_t> take_character(std::string_view& text) {
  const auto byte_at = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte_at(0);
  std::size_t size = 1;
  if (lead >= 0x80) size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead >= 0xF5 || (lead >= 0x80 && lead < 0xC2) || text.size() < size) return std::nullopt;
  constexpr std::array<std::uint8_t, 5> kLeadBits{0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  char32_t c = lead & kLeadBits[size];
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(i) & 0xC0) != 0x80) return std::nullopt;
    c = (c << 6) | (byte_at(i) & 0x3FU);
  }
  if (c < kSmallest[size] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return std::nullopt;
  text.remove_prefix(size);
  return c;
}

}  // namespace

bool is_showable(std::string_view text) {
  while (!text.empty()) {
    const auto c = take_character(text);
    if (!c || is_in(kUnshowable, *c)) return false;
  }
  return true;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto c = take_character(text);
    if (!c) {
      text.remove_prefix(1);
      ++columns;
    } else if (!is_in(kMarks, *c)) {
      columns += is_in(kWide, *c) ? 2 : 1;
    }
  }
  return columns;
}

std::string wrap_text(std::string_view text, std::string_view first, std::size_t width) {
  const std::size_t indent = columns_of(first);
  std::string lines(first);
  std::size_t column = indent;
  bool line_is_empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const std::size_t columns = columns_of(word);
    if (!line_is_empty && column + 1 + columns > width) {
      lines.append("\n").append(indent, ' ');
      column = indent;
      line_is_empty = true;
    }
    if (!line_is_empty) lines += ' ';
    column += columns + (line_is_empty ? 0 : 1);
    lines += word;
    line_is_empty = false;
  }
  lines += '\n';
  return lines;
}

}  // namespace amanat::consent
