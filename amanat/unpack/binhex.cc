// BinHex 4.0: six bits a character, runs squeezed, two forks (RFC 1741).

#include <array>

#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

constexpr std::uint8_t kRunMark = 0x90;

constexpr std::array<std::uint8_t, 256> kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(0xff);
  constexpr std::string_view kAlphabet =
      "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
  static_assert(kAlphabet.size() == 64);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}();

// From the colon on to the next one; false when the output is full.
bool decode(std::string_view text, Output& output) {
  std::uint32_t bits = 0;
  unsigned have = 0;
  bool marked = false;
  for (const char c : text) {
    if (c == ':') break;
    const std::uint8_t digit = kDigits[static_cast<std::uint8_t>(c)];
    if (digit == 0xff) continue;
    bits = bits << 6 | digit;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    const auto byte = static_cast<std::uint8_t>(bits >> have & 0xff);
    bool fits = true;
    if (marked) {
      marked = false;
      if (byte == 0) {
        fits = output.add(kRunMark);
      } else if (byte > 1) {
        if (output.size() == 0) return true;  // nothing to repeat
        fits = output.copy(1, byte - 1U);
      }
    } else if (byte == kRunMark) {
      marked = true;
    } else {
      fits = output.add(byte);
    }
    if (!fits) return false;
  }
  return true;
}

}  // namespace

void unpack_binhex(ByteView object, Walk& walk) {
  const std::string_view text = as_text(object);
  const std::size_t words = text.find("(This file must be converted with BinHex");
  const std::size_t colon = text.find(':', words == text.npos ? 0 : words);
  if (colon == text.npos) return walk.outcome.note(End::damaged, "the data are missing");
  Output output(walk.budget);
  output.begin(object.size());
  End end = decode(text.substr(colon + 1), output) ? End::whole : End::over_budget;
  const ByteView all = output.bytes();
  const std::size_t name_size = all.empty() ? 0 : all[0];
  const std::size_t sizes = 1 + name_size + 1 + 10;
  const std::size_t data = sizes + 8 + 2;
  if (!has(all, 0, data)) return walk.outcome.note(End::damaged, "the header is cut off");
  const std::uint64_t data_size = big<std::uint32_t>(all, sizes);
  const std::uint64_t resource_size = big<std::uint32_t>(all, sizes + 4);
  const std::string name(as_text(part(all, 1, name_size)));
  const ByteView content = part(all, data, data_size);
  if (content.size() < data_size && end == End::whole) end = End::damaged;
  if (!content.empty()
      && !walk.give({.name = name, .packed_size = object.size(), .size = data_size}, end,
                    content)) {
    return;
  }
  const ByteView resource = part(all, data + data_size + 2, resource_size);
  if (resource.empty()) return;
  walk.give({.name = name + "/rsrc", .packed_size = object.size(), .size = resource_size}, end,
            resource);
}

}  // namespace amanat::unpack
