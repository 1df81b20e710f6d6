#include "amanat/indicator/punycode.h"

#include <algorithm>
#include <limits>

namespace amanat::indicator {
namespace {

// RFC 3492 §5.
constexpr std::uint32_t kBase = 36;
constexpr std::uint32_t kThresholdMin = 1;
constexpr std::uint32_t kThresholdMax = 26;
constexpr std::uint32_t kSkew = 38;
constexpr std::uint32_t kDamp = 700;
constexpr std::uint32_t kFirstBias = 72;
constexpr char32_t kFirstBeyondAscii = 0x80;

char digit_of(std::uint32_t value) {
  return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

// RFC 3492 §6.1.
std::uint32_t adapt(std::uint32_t delta, std::uint32_t count, bool is_first) {
  delta = is_first ? delta / kDamp : delta / 2;
  delta += delta / count;
  std::uint32_t k = 0;
  while (delta > ((kBase - kThresholdMin) * kThresholdMax) / 2) {
    delta /= kBase - kThresholdMin;
    k += kBase;
  }
  return k + (kBase - kThresholdMin + 1) * delta / (delta + kSkew);
}

void write_number(std::uint32_t number, std::uint32_t bias, std::string& out) {
  for (std::uint32_t k = kBase;; k += kBase) {
    const std::uint32_t threshold = k <= bias ? kThresholdMin : std::min(k - bias, kThresholdMax);
    if (number < threshold) break;
    out.push_back(digit_of(threshold + (number - threshold) % (kBase - threshold)));
    number = (number - threshold) / (kBase - threshold);
  }
  out.push_back(digit_of(number));
}

struct Sequence {
  std::size_t size;
  char32_t lead;      // the bits of the first byte that count
  char32_t smallest;  // below it the form is overlong
};

std::optional<Sequence> sequence_of(std::uint8_t first) {
  if (first < 0x80) return Sequence{.size = 1, .lead = first, .smallest = 0};
  if (first >= 0xC2 && first < 0xE0) return Sequence{2, char32_t{first} & 0x1F, 0x80};
  if (first >= 0xE0 && first < 0xF0) return Sequence{3, char32_t{first} & 0x0F, 0x800};
  if (first >= 0xF0 && first < 0xF5) return Sequence{4, char32_t{first} & 0x07, 0x10000};
  return std::nullopt;
}

}  // namespace

std::optional<std::u32string> read_utf8(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto sequence = sequence_of(static_cast<std::uint8_t>(text[at]));
    if (!sequence || at + sequence->size > text.size()) return std::nullopt;
    char32_t character = sequence->lead;
    for (std::size_t i = 1; i < sequence->size; ++i) {
      const auto next = static_cast<std::uint8_t>(text[at + i]);
      if ((next & 0xC0) != 0x80) return std::nullopt;
      character = (character << 6) | (next & 0x3FU);
    }
    const bool is_surrogate = character >= 0xD800 && character < 0xE000;
    if (character < sequence->smallest || character > 0x10FFFF || is_surrogate) return std::nullopt;
    characters.push_back(character);
    at += sequence->size;
  }
  return characters;
}

char32_t fold(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c < 0xC0) return c;
  if (c <= 0xDE && c != 0xD7) return c + 32;                  // Latin-1
  if (c >= 0x100 && c <= 0x137 && c != 0x130) return c | 1U;  // Latin Extended-A, in pairs
  if (c >= 0x139 && c <= 0x148) return (c & 1U) != 0 ? c + 1 : c;
  if (c >= 0x14A && c <= 0x177) return c | 1U;
  if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;  // Greek
  if (c >= 0x400 && c <= 0x40F) return c + 80;                // Cyrillic
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c == 0x3002 || c == 0xFF61) return '.';                     // ideographic full stops
  if (c >= 0xFF01 && c <= 0xFF5E) return fold(c - 0xFF01 + '!');  // full-width ASCII
  return c;
}

std::string encode_punycode(std::u32string_view label) {
  std::string out;
  for (const char32_t c : label) {
    if (c < kFirstBeyondAscii) out.push_back(static_cast<char>(c));
  }
  const auto basic_count = static_cast<std::uint32_t>(out.size());
  if (basic_count > 0) out.push_back('-');
  char32_t n = kFirstBeyondAscii;
  std::uint64_t delta = 0;
  std::uint32_t bias = kFirstBias;
  std::uint32_t handled = basic_count;
  while (handled < label.size()) {
    char32_t next = std::numeric_limits<char32_t>::max();
    for (const char32_t c : label) {
      if (c >= n && c < next) next = c;
    }
    delta += std::uint64_t{next - n} * (handled + 1);
    // A label that a host can hold stays far below this (RFC 3492 §6.4).
    if (delta > std::numeric_limits<std::uint32_t>::max() / 2) return {};
    n = next;
    for (const char32_t c : label) {
      if (c < n) ++delta;
      if (c != n) continue;
      write_number(static_cast<std::uint32_t>(delta), bias, out);
      bias = adapt(static_cast<std::uint32_t>(delta), handled + 1, handled == basic_count);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  return out;
}

}  // namespace amanat::indicator
