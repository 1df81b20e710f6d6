#include "amanat/program/unicode.h"

#include <utility>

namespace amanat::program {
namespace {

constexpr std::uint32_t kReplacement = 0xfffd;

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }
bool is_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xe000; }

// Joins 16-bit units to code points as they come.
class UnitJoiner {
 public:
  explicit UnitJoiner(std::string& text) : text_(text) {}
  void add(std::uint32_t unit) {
    if (high_ != 0 && is_low_surrogate(unit)) {
      append_utf8(text_, 0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00));
      high_ = 0;
      return;
    }
    finish();
    if (is_high_surrogate(unit)) {
      high_ = unit;
    } else {
      append_utf8(text_, unit);
    }
  }
  void finish() {
    if (high_ != 0) append_utf8(text_, kReplacement);
    high_ = 0;
  }

 private:
  std::string& text_;
  std::uint32_t high_ = 0;
};

// A sequence of one to four bytes. `value` is U+FFFD when it is malformed; it then has one byte.
struct Sequence {
  std::uint32_t value = kReplacement;
  std::size_t size = 1;
};

Sequence read_sequence(ByteView bytes, std::size_t at) {
  const std::uint8_t first = bytes[at];
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc0 || first > 0xf7 || size > bytes.size() - at) return {};
  std::uint32_t value = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((bytes[at + i] & 0xc0) != 0x80) return {};
    value = value << 6 | (bytes[at + i] & 0x3fU);
  }
  return {value, size};
}

bool is_shortest(const Sequence& sequence) {
  return sequence.value >= (sequence.size == 1   ? 0U
                            : sequence.size == 2 ? 0x80U
                            : sequence.size == 3 ? 0x800U
                                                 : 0x10000U);
}

// Takes away what is beyond `size_max`, and what is left of the character there. The last character
// may pass the limit, and with it the mark for half a surrogate pair in front of it.
std::string cut_to(std::string text, std::size_t size_max) {
  if (text.size() <= size_max) return text;
  std::size_t size = size_max;
  while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
  return text;
}

}  // namespace

void append_utf8(std::string& text, std::uint32_t code_point) {
  std::uint32_t c = code_point;
  if (c > 0x10ffff || is_surrogate(c)) c = kReplacement;
  const auto put = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

std::string utf8_from_utf16(ByteView units, std::size_t size_max) {
  std::string text;
  UnitJoiner joiner(text);
  for (std::size_t at = 0; at + 1 < units.size() && text.size() < size_max; at += 2) {
    joiner.add(static_cast<std::uint32_t>(units[at] | units[at + 1] << 8));
  }
  joiner.finish();
  return cut_to(std::move(text), size_max);
}

std::string utf8_from_modified(ByteView bytes, std::size_t size_max) {
  std::string text;
  UnitJoiner joiner(text);
  for (std::size_t at = 0; at < bytes.size() && text.size() < size_max;) {
    const Sequence sequence = read_sequence(bytes, at);
    at += sequence.size;
    const bool is_zero = sequence.size == 2 && sequence.value == 0;
    joiner.add(sequence.size < 4 && (is_zero || is_shortest(sequence)) ? sequence.value
                                                                       : kReplacement);
  }
  joiner.finish();
  return cut_to(std::move(text), size_max);
}

std::string utf8_from_untrusted(ByteView bytes, std::size_t size_max) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size() && text.size() < size_max;) {
    const Sequence sequence = read_sequence(bytes, at);
    at += sequence.size;
    append_utf8(text, is_shortest(sequence) ? sequence.value : kReplacement);
  }
  return cut_to(std::move(text), size_max);
}

}  // namespace amanat::program
