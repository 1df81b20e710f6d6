#include "amanat/note/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace amanat::note {
namespace {

// Unicode's White_Space property above ASCII (PropList.txt); below, control characters and the
// space itself are refused anyway.
constexpr auto kSpaces = std::to_array<char32_t>(
    {0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
     0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000});

// What the first byte of a character says: how many bytes follow, and the least value that needs
// them all (a smaller one has a shorter spelling).
struct Lead {
  std::size_t following;
  char32_t bits;
  char32_t least;
};

std::optional<Lead> lead_of(std::uint8_t byte) {
  if (byte < 0x80) return Lead{.following = 0, .bits = byte, .least = 0};
  if ((byte & 0xe0) == 0xc0) {
    return Lead{.following = 1, .bits = byte & char32_t{0x1f}, .least = 0x80};
  }
  if ((byte & 0xf0) == 0xe0) {
    return Lead{.following = 2, .bits = byte & char32_t{0x0f}, .least = 0x800};
  }
  if ((byte & 0xf8) == 0xf0) {
    return Lead{.following = 3, .bits = byte & char32_t{0x07}, .least = 0x10000};
  }
  return std::nullopt;
}

// Takes one character off `text` (RFC 3629 §4); nothing when it is not valid UTF-8.
std::optional<char32_t> take_character(std::string_view& text) {
  const auto lead = lead_of(static_cast<std::uint8_t>(text.front()));
  if (!lead || text.size() <= lead->following) return std::nullopt;
  char32_t value = lead->bits;
  for (const char c : text.substr(1, lead->following)) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    value = value << 6 | (byte & char32_t{0x3f});
  }
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < lead->least || value > 0x10ffff || is_surrogate) return std::nullopt;
  text.remove_prefix(lead->following + 1);
  return value;
}

template <class Allowed>
bool holds_only(std::string_view text, Allowed allowed) {
  while (!text.empty()) {
    const auto character = take_character(text);
    if (!character || !allowed(*character)) return false;
  }
  return true;
}

}  // namespace

bool is_note_text(std::string_view text) {
  return holds_only(text, [](char32_t c) { return c >= 0x20 || c == '\n'; });
}

bool is_key_name(std::string_view name) {
  return !name.empty() && holds_only(name, [](char32_t c) {
    return c > 0x20 && c != '+' && !std::ranges::binary_search(kSpaces, c);
  });
}

}  // namespace amanat::note
