#pragma once

// Writes a struct made of secrets into memory that has its full size from the start: nothing is
// moved while it grows, so no copy of a key stays behind.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::seal {

class SecretWriter {
 public:
  explicit SecretWriter(std::size_t size) : memory_(size) {}

  void raw(ByteView bytes) {
    ensure(bytes.size() <= memory_.size() - position_, "a secret is written into its size");
    if (!bytes.empty())
      std::memcpy(memory_.expose().data() + position_, bytes.data(), bytes.size());
    position_ += bytes.size();
  }
  void raw(std::string_view text) { raw(as_bytes(text)); }
  void u8(std::uint8_t value) { number(value, 1); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }

  /// The length of a vector, which the caller then writes.
  void size16(std::size_t size) {
    ensure(size <= 0xffff, "a vector stays within its maximum");
    number(size, 2);
  }
  void size32(std::size_t size, std::size_t max) {
    ensure(size <= max, "a vector stays within its maximum");
    number(size, 4);
  }

  SecretBytes take() && {
    ensure(position_ == memory_.size(), "a secret fills its size");
    return std::move(memory_);
  }

 private:
  void number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i > 0; --i) {
      const auto byte = static_cast<std::uint8_t>(value >> (8 * (i - 1)));
      raw(ByteView(&byte, 1));
    }
  }

  SecretBytes memory_;
  std::size_t position_ = 0;
};

}  // namespace amanat::seal
