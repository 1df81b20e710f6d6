#pragma once

// Makes the small files that the tests of this module read: numbers in the order of the format,
// put at the end or over what is there.

#include <cstdint>
#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::program {

class TestBytes {
 public:
  explicit TestBytes(bool big_endian = false) : big_endian_(big_endian) {}

  TestBytes& u8(std::uint64_t value) { return number(value, 1); }
  TestBytes& u16(std::uint64_t value) { return number(value, 2); }
  TestBytes& u32(std::uint64_t value) { return number(value, 4); }
  TestBytes& u64(std::uint64_t value) { return number(value, 8); }
  TestBytes& raw(ByteView bytes) {
    append(bytes_, bytes);
    return *this;
  }
  TestBytes& text(std::string_view text) { return raw(as_bytes(text)); }
  /// Text in exactly `size` bytes.
  TestBytes& field(std::string_view name, std::size_t size) {
    text(name);
    return zeros(size - name.size());
  }
  TestBytes& utf16(std::string_view ascii) {
    for (const char c : ascii) number(static_cast<std::uint8_t>(c), 2);
    return *this;
  }
  TestBytes& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  /// Zeros up to `size`.
  TestBytes& fill_to(std::size_t size) {
    if (bytes_.size() < size) bytes_.resize(size);
    return *this;
  }
  /// Bytes with their size in 32 bits in front.
  TestBytes& sized(ByteView bytes) { return u32(bytes.size()).raw(bytes); }

  /// Puts a number over what is at `at`.
  TestBytes& put(std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t shift = 8 * (big_endian_ ? width - 1 - i : i);
      bytes_[at + i] = static_cast<std::uint8_t>(value >> shift);
    }
    return *this;
  }
  TestBytes& put_bytes(std::size_t at, ByteView bytes) {
    fill_to(at + bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes_[at + i] = bytes[i];
    return *this;
  }

  std::size_t size() const { return bytes_.size(); }
  const Bytes& bytes() const { return bytes_; }

 private:
  TestBytes& number(std::uint64_t value, std::size_t width) {
    bytes_.resize(bytes_.size() + width);
    return put(bytes_.size() - width, value, width);
  }

  Bytes bytes_;
  bool big_endian_;
};

}  // namespace amanat::program
