#include "amanat/phone/wording.h"

#include <array>

#include <fmt/format.h>

namespace amanat::phone {
namespace {

/// The length of the well-formed UTF-8 character at the start (RFC 3629 §4); 0 when there is none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// C0 and C1 controls, DEL, and the marks that turn the direction of writing.
bool is_safe(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first >= 0x20 && first != 0x7F && first != '\\';
  if (character.size() == 2)
    return !(first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
  return !(character >= "\u202A" && character <= "\u202E")
         && !(character >= "\u2066" && character <= "\u2069");
}

}  // namespace

std::string bytes_in_words(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr auto kUnits = std::to_array<std::string_view>({"kB", "MB", "GB", "TB", "PB", "EB"});
  auto value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return value < 9.95 ? fmt::format("{:.1f} {}", value, kUnits.at(unit))
                      : fmt::format("{:.0f} {}", value, kUnits.at(unit));
}

std::string count_in_words(std::uint64_t count, std::string_view one, std::string_view many) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return fmt::format("{} {}", digits, count == 1 ? one : many);
}

std::string printable(std::string_view name) {
  std::string shown;
  while (!name.empty()) {
    const std::size_t size = character_size(name);
    const std::string_view character = name.substr(0, size == 0 ? 1 : size);
    if (size != 0 && is_safe(character)) {
      shown += character;
    } else {
      for (const char byte : character) {
        shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
      }
    }
    name.remove_prefix(character.size());
  }
  return shown;
}

}  // namespace amanat::phone
