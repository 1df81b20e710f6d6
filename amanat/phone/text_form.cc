#include "amanat/phone/text_form.h"

#include <algorithm>

namespace amanat::phone {
namespace {

bool is_control(std::uint8_t byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f'
          && byte != 0x1B && byte != 0x1A)
         || byte == 0x7F;
}

// How long the UTF-8 sequence that opens with this byte is (RFC 3629 §4); 0 when none does.
std::size_t sequence_size(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

bool is_utf8_text(ByteView bytes, bool complete) {
  for (std::size_t i = 0; i < bytes.size();) {
    if (is_control(bytes[i])) return false;
    const std::size_t size = sequence_size(bytes[i]);
    if (size == 0) return false;
    for (std::size_t j = 1; j < size; ++j) {
      if (i + j >= bytes.size()) return !complete;
      if ((bytes[i + j] & 0xC0U) != 0x80) return false;
    }
    i += size;
  }
  return true;
}

// Old phones write ISO 8859 and the like: no control characters, nearly all of it ASCII.
bool is_eight_bit_text(ByteView bytes) {
  if (std::ranges::any_of(bytes, is_control)) return false;
  const auto high = std::ranges::count_if(bytes, [](std::uint8_t byte) { return byte >= 0x80; });
  return static_cast<std::size_t>(high) * 4 <= bytes.size();
}

void put_utf8(std::string& text, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0U | point >> 6U);
  } else {
    if (point < 0x10000) {
      put(0xE0U | point >> 12U);
    } else {
      put(0xF0U | point >> 18U);
      put(0x80U | (point >> 12U & 63U));
    }
    put(0x80U | (point >> 6U & 63U));
  }
  put(0x80U | (point & 63U));
}

std::optional<std::string> from_utf16(ByteView bytes, bool little) {
  std::string text;
  const auto unit = [&](std::size_t at) {
    return little ? std::uint32_t{bytes[at]} | std::uint32_t{bytes[at + 1]} << 8U
                  : std::uint32_t{bytes[at + 1]} | std::uint32_t{bytes[at]} << 8U;
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t point = unit(i);
    if (point >= 0xD800 && point < 0xDC00 && i + 3 < bytes.size()) {
      const std::uint32_t low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        i += 2;
      }
    }
    if (point < 0x80 && is_control(static_cast<std::uint8_t>(point))) return std::nullopt;
    put_utf8(text, point);
  }
  return text;
}

}  // namespace

std::optional<std::string> read_text(ByteView bytes, bool complete) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\xFF\xFE")) return from_utf16(bytes.subspan(2), true);
  if (text.starts_with("\xFE\xFF")) return from_utf16(bytes.subspan(2), false);
  const ByteView plain = text.starts_with("\xEF\xBB\xBF") ? bytes.subspan(3) : bytes;
  if (plain.empty()) return std::nullopt;
  if (!is_utf8_text(plain, complete) && !is_eight_bit_text(plain)) return std::nullopt;
  return std::string(as_text(plain));
}

}  // namespace amanat::phone
