#pragma once

// The bytes of compiled patterns and expressions: numbers of seven bits a byte, lowest first, and
// runs of bytes. A reader that meets bytes it does not understand fails once and reads zeros from
// then on, so that a damaged database gives wrong answers or none, and never a wrong access.

#include <cstdint>

#include "amanat/bytes/bytes.h"

namespace amanat::threat {

class CodeWriter {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(value); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) byte(static_cast<std::uint8_t>(value | 0x80U));
    byte(static_cast<std::uint8_t>(value));
  }
  void signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }
  void raw(ByteView bytes) { append(bytes_, bytes); }
  /// The length, then the bytes.
  void block(ByteView bytes) {
    number(bytes.size());
    raw(bytes);
  }
  ByteView bytes() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

class CodeReader {
 public:
  explicit CodeReader(ByteView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint8_t byte() { return at_ == end_ ? fail_zero() : *at_++; }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= std::uint64_t{next & 0x7fU} << shift;
      if ((next & 0x80U) == 0) return value;
    }
    return fail_zero();
  }
  /// A number that has to fit in 32 bits.
  std::uint32_t number32() {
    const std::uint64_t value = number();
    return value > 0xffffffffULL ? fail_zero() : static_cast<std::uint32_t>(value);
  }
  std::int64_t signed_number() {
    const std::uint64_t bits = number();
    return static_cast<std::int64_t>((bits >> 1U) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
  }
  ByteView raw(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      fail_zero();
      return {};
    }
    const ByteView bytes(at_, size);
    at_ += size;
    return bytes;
  }
  ByteView block() { return raw(number()); }
  ByteView rest() const { return {at_, end_}; }
  bool at_end() const { return at_ == end_; }
  bool failed() const { return failed_; }

 private:
  std::uint8_t fail_zero() {
    failed_ = true;
    at_ = end_;
    return 0;
  }
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool failed_ = false;
};

/// `count` bytes at `offset` of a section; empty when they do not lie in it.
inline ByteView slice(ByteView section, std::uint64_t offset, std::uint64_t count) {
  if (offset > section.size() || count > section.size() - offset) return {};
  return section.subspan(offset, count);
}

}  // namespace amanat::threat
