#pragma once

// Makes what AutoIt puts behind its interpreter: masked files, packed with bytes that stand for
// themselves and one match, or not packed.

#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/unpack/autoit_mask.h"

namespace amanat::unpack {

class AutoItMaker {
 public:
  explicit AutoItMaker(int version) : is_new_(version == 6) {
    append(bytes_, Bytes{0xa3, 0x48, 0x4b, 0xbe, 0x98, 0x6c, 0x4a, 0xa9, 0x99, 0x4c, 0x53, 0x0a,
                         0x86, 0xd6, 0x48, 0x7d});
    append(bytes_, as_bytes(is_new_ ? "AU3!EA06" : "AU3!EA05"));
    for (std::uint8_t i = 0; i < 16; ++i) bytes_.push_back(i);  // the digest: its sum is 120
  }

  AutoItMaker& add(std::string_view what, std::string_view path, ByteView content, bool packed) {
    Bytes mark;
    append(mark, as_bytes("FILE"));
    mask(mark, is_new_ ? 0x18ee : 0x16fa);
    append(bytes_, mark);
    text(what, is_new_ ? 0xadbc : 0x29bc, is_new_ ? 0xb33f : 0xa25e);
    text(path, is_new_ ? 0xf820 : 0x29ac, is_new_ ? 0xf479 : 0xf25e);
    bytes_.push_back(packed ? 1 : 0);
    Bytes inner = packed ? pack(content) : Bytes(content.begin(), content.end());
    const std::uint32_t size_mask = is_new_ ? 0x87bc : 0x45aa;
    number(bytes_, static_cast<std::uint32_t>(inner.size()) ^ size_mask);
    number(bytes_, static_cast<std::uint32_t>(content.size()) ^ size_mask);
    number(bytes_, 0);
    bytes_.resize(bytes_.size() + 16);
    mask(inner, is_new_ ? 0x2477 : 0x22af + 120);
    append(bytes_, inner);
    return *this;
  }

  const Bytes& bytes() const { return bytes_; }

 private:
  void mask(ByteSpan bytes, std::uint32_t seed) const {
    is_new_ ? mask_ea06(bytes, seed) : mask_ea05(bytes, seed);
  }
  static void number(Bytes& out, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void text(std::string_view text, std::uint32_t size_mask, std::uint32_t seed) {
    number(bytes_, static_cast<std::uint32_t>(text.size()) ^ size_mask);
    Bytes plain;
    for (const char c : text) {
      plain.push_back(static_cast<std::uint8_t>(c));
      if (is_new_) plain.push_back(0);
    }
    mask(plain, static_cast<std::uint32_t>(text.size()) + seed);
    append(bytes_, plain);
  }

  // All bytes as they are; when the second half is the first again, a match of it.
  Bytes pack(ByteView content) const {
    Bytes out;
    append(out, as_bytes(is_new_ ? "EA06" : "EA05"));
    const auto size = static_cast<std::uint32_t>(content.size());
    for (unsigned i = 4; i > 0; --i) out.push_back(static_cast<std::uint8_t>(size >> (8 * i - 8)));
    std::uint32_t used = 0;
    const auto put = [&](std::uint32_t value, unsigned bits) {
      for (; bits > 0; --bits, ++used) {
        if (used % 16 == 0) out.resize(out.size() + 2);
        const std::size_t at = 8 + used / 8;
        out[at] = static_cast<std::uint8_t>(out[at] | (value >> (bits - 1) & 1) << (7 - used % 8));
      }
    };
    const std::size_t half = content.size() / 2;
    const bool repeats =
        half >= 13 && half < 44 && std::ranges::equal(content.first(half), content.subspan(half));
    for (const std::uint8_t byte : repeats ? content.first(half) : content) {
      put(is_new_ ? 1 : 0, 1);
      put(byte, 8);
    }
    if (repeats) {  // lengths 13 to 43: two fields of ones, then 5 bits
      put(is_new_ ? 0 : 1, 1);
      put(static_cast<std::uint32_t>(half), 15);
      put(0b11'111, 5);
      put(static_cast<std::uint32_t>(half - 13), 5);
    }
    return out;
  }

  bool is_new_;
  Bytes bytes_;
};

}  // namespace amanat::unpack
