#pragma once

// Numbers at given positions of a file from outside.
//
// Positions are 64 bits wide, so that sums of two numbers from the file do not wrap. What lies
// outside the file reads as 0 and is remembered: a parser reads its whole struct and asks once.

#include <cstdint>

#include "amanat/bytes/bytes.h"

namespace amanat::program {

class Fields {
 public:
  enum class Order : std::uint8_t { little, big };

  /// Borrows `bytes`.
  explicit Fields(ByteView bytes, Order order = Order::little) : bytes_(bytes), order_(order) {}

  std::uint8_t u8(std::uint64_t at) { return static_cast<std::uint8_t>(number(at, 1)); }
  std::uint16_t u16(std::uint64_t at) { return static_cast<std::uint16_t>(number(at, 2)); }
  std::uint32_t u32(std::uint64_t at) { return static_cast<std::uint32_t>(number(at, 4)); }
  std::uint64_t u64(std::uint64_t at) { return number(at, 8); }

  /// `size` bytes from `at`; an empty view when they are not all there.
  ByteView bytes(std::uint64_t at, std::uint64_t size) {
    if (!holds(at, size)) {
      failed_ = true;
      return {};
    }
    return bytes_.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
  }

  /// Whether `size` bytes from `at` lie inside.
  bool holds(std::uint64_t at, std::uint64_t size) const {
    return at <= bytes_.size() && size <= bytes_.size() - at;
  }

  std::size_t size() const { return bytes_.size(); }
  bool failed() const { return failed_; }

 private:
  std::uint64_t number(std::uint64_t at, std::size_t width) {
    if (!holds(at, width)) {
      failed_ = true;
      return 0;
    }
    const std::uint8_t* first = bytes_.data() + at;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      value = value << 8 | first[order_ == Order::big ? i : width - 1 - i];
    }
    return value;
  }

  ByteView bytes_;
  Order order_;
  bool failed_ = false;
};

}  // namespace amanat::program
