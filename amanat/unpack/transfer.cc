#include "amanat/unpack/transfer.h"

#include <algorithm>
#include <array>

namespace amanat::unpack {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kBase64Digits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  digits['-'] = 62;
  digits['_'] = 63;
  return digits;
}();

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; }

}  // namespace

std::uint8_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  const char letter = small(c);
  if (letter >= 'a' && letter <= 'f') return static_cast<std::uint8_t>(letter - 'a' + 10);
  return 16;
}

bool begins_with_nocase(std::string_view text, std::string_view small_text) {
  return text.size() >= small_text.size()
         && std::equal(small_text.begin(), small_text.end(), text.begin(),
                       [](char a, char b) { return a == small(b); });
}

std::size_t find_nocase(std::string_view text, std::string_view small_text, std::size_t at) {
  if (small_text.empty() || at >= text.size()) return std::string_view::npos;
  const char first = small_text[0];
  const char large = first >= 'a' && first <= 'z' ? static_cast<char>(first - 0x20) : first;
  const std::array<char, 2> starts{first, large};
  const std::string_view set(starts.data(), first == large ? 1 : 2);
  for (at = text.find_first_of(set, at); at != text.npos; at = text.find_first_of(set, at + 1)) {
    if (begins_with_nocase(text.substr(at), small_text)) return at;
  }
  return text.npos;
}

bool decode_base64(std::string_view text, Output& output) {
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : text) {
    const std::uint8_t digit = kBase64Digits[static_cast<std::uint8_t>(c)];
    if (digit == kNoDigit) {
      if (c == '=' && have > 0) {  // padding; another run may follow
        bits = 0;
        have = 0;
      }
      continue;
    }
    bits = bits << 6 | digit;
    have += 6;
    if (have >= 8) {
      have -= 8;
      if (!output.add(static_cast<std::uint8_t>(bits >> have & 0xff))) return false;
    }
  }
  return true;
}

bool decode_quoted_printable(std::string_view text, Output& output) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '=') {
      if (!output.add(static_cast<std::uint8_t>(text[at]))) return false;
      continue;
    }
    const std::uint8_t high = at + 2 < text.size() ? hex_digit(text[at + 1]) : 16;
    const std::uint8_t low = at + 2 < text.size() ? hex_digit(text[at + 2]) : 16;
    if (high < 16 && low < 16) {
      if (!output.add(static_cast<std::uint8_t>(high << 4 | low))) return false;
      at += 2;
      continue;
    }
    // A line that goes on: spaces may stand between the sign and the end of the line.
    const std::size_t end = text.find_first_not_of(" \t\r", at + 1);
    if (end != text.npos && text[end] == '\n') {
      at = end;
    } else if (!output.add('=')) {
      return false;
    }
  }
  return true;
}

bool decode_percent(std::string_view text, Output& output) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto byte = static_cast<std::uint8_t>(text[at]);
    if (text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) < 16
        && hex_digit(text[at + 2]) < 16) {
      byte = static_cast<std::uint8_t>(hex_digit(text[at + 1]) << 4 | hex_digit(text[at + 2]));
      at += 2;
    }
    if (!output.add(byte)) return false;
  }
  return true;
}

namespace {
// One line: its first character counts the bytes, each four others make three.
bool decode_uu_line(std::string_view line, Output& output) {
  const auto value = [](char c) { return static_cast<std::uint32_t>(c - ' ') & 63U; };
  std::uint32_t left = value(line[0]);
  for (std::size_t at = 1; left > 0; at += 4) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      group = group << 6 | (at + i < line.size() ? value(line[at + i]) : 0);
    }
    for (unsigned i = 0; i < 3 && left > 0; ++i, --left) {
      if (!output.add(static_cast<std::uint8_t>(group >> (16 - 8 * i) & 0xff))) return false;
    }
  }
  return true;
}
}  // namespace

bool decode_uuencoded(std::string_view block, Output& output) {
  std::size_t at = block.find('\n');
  while (at != block.npos && ++at < block.size()) {
    const std::size_t end = std::min(block.find('\n', at), block.size());
    std::string_view line = block.substr(at, end - at);
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line == "end") break;
    if (!line.empty() && line[0] >= ' ' && line[0] <= '`' && !decode_uu_line(line, output)) {
      return false;
    }
    at = end;
  }
  return true;
}

}  // namespace amanat::unpack
