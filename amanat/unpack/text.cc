#include "amanat/unpack/text.h"

#include <array>

namespace amanat::unpack {
namespace {

constexpr std::uint8_t kVanishes = 0;

// What becomes of each byte: itself, its small letter, a space, or nothing.
constexpr std::array<std::uint8_t, 256> kNormal = [] {
  std::array<std::uint8_t, 256> normal{};
  for (std::size_t c = 0x21; c < 0x80; ++c) normal[c] = static_cast<std::uint8_t>(c);
  for (std::size_t c = 'A'; c <= 'Z'; ++c) normal[c] = static_cast<std::uint8_t>(c + 0x20);
  for (std::size_t c = '\t'; c <= '\r'; ++c) normal[c] = ' ';
  normal[' '] = ' ';
  return normal;
}();

// Every byte is written and the place moves on or not: no branches, so that real text, which has a
// space every five letters, does not wait for wrong guesses. `last` is the last byte that stayed.
std::size_t normalise(ByteView text, std::uint8_t* out, std::uint8_t& last) {
  std::size_t size = 0;
  std::uint8_t before = last;
  for (const std::uint8_t byte : text) {
    const std::uint8_t normal = kNormal[byte];
    out[size] = normal;
    const bool vanishes = normal == kVanishes;
    const bool repeats = normal == ' ' && before == ' ';
    size += static_cast<std::size_t>(!vanishes && !repeats);
    before = vanishes ? before : normal;
  }
  last = before;
  return size;
}

}  // namespace

ByteView TextNormaliser::feed(ByteView piece) {
  normal_.resize(piece.size());
  normal_.resize(normalise(piece, normal_.data(), last_));
  return normal_;
}

Bytes normalise_text(Kind kind, ByteView text) {
  if (text.size() > kTextBytesMax) return {};
  std::uint8_t last = 0;
  Bytes narrow;
  if (kind == Kind::text_utf16_le || kind == Kind::text_utf16_be) {
    narrow = cut_utf16_to_ascii(text, kind == Kind::text_utf16_be);
    text = narrow;
  }
  Bytes normal(text.size());
  normal.resize(normalise(text, normal.data(), last));
  return normal;
}

Bytes cut_utf16_to_ascii(ByteView text, bool big_endian) {
  Bytes ascii;
  ascii.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const std::uint8_t high = text[big_endian ? i : i + 1];
    const std::uint8_t low = text[big_endian ? i + 1 : i];
    if (high == 0 && low < 0x80) ascii.push_back(low);
  }
  return ascii;
}

}  // namespace amanat::unpack
