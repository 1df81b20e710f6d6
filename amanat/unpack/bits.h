#pragma once

// Bits of packed streams, and the prefix codes written in them.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// Reads bits from the low end of each byte (deflate, implode). Past the end there are zeros, and
/// `is_over` tells.
class LowBits {
 public:
  explicit LowBits(ByteView bytes) : bytes_(bytes) {}

  std::uint32_t read(unsigned count) {  // count <= 32
    std::uint64_t value = 0;
    for (unsigned have = 0; have < count; ++have) {
      value |= std::uint64_t{bit()} << have;
    }
    return static_cast<std::uint32_t>(value);
  }
  std::uint32_t bit() {
    if (at_ / 8 >= bytes_.size()) {
      is_over_ = true;
      return 0;
    }
    const std::uint32_t value = bytes_[at_ / 8] >> (at_ % 8) & 1U;
    ++at_;
    return value;
  }
  void skip_to_byte() { at_ = (at_ + 7) / 8 * 8; }
  bool is_over() const { return is_over_; }
  std::size_t bytes_used() const { return (at_ + 7) / 8; }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;  // in bits
  bool is_over_ = false;
};

/// Reads bits from the high end of each byte (LZH, LZW).
class HighBits {
 public:
  explicit HighBits(ByteView bytes) : bytes_(bytes) {}

  std::uint32_t read(unsigned count) {  // count <= 32
    std::uint32_t value = 0;
    for (unsigned have = 0; have < count; ++have) value = value << 1 | bit();
    return value;
  }
  std::uint32_t bit() {
    if (at_ / 8 >= bytes_.size()) {
      is_over_ = true;
      return 0;
    }
    const std::uint32_t value = bytes_[at_ / 8] >> (7 - at_ % 8) & 1U;
    ++at_;
    return value;
  }
  bool is_over() const { return is_over_; }
  std::size_t bits_left() const { return bytes_.size() * 8 - at_; }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
  bool is_over_ = false;
};

/// A prefix code given by the length of each symbol's word: shorter words come first, and among
/// equals the smaller symbols (RFC 1951 §3.2.2).
class PrefixCode {
 public:
  static constexpr unsigned kBitsMax = 16;

  /// Lengths of 0 to kBitsMax, 0 for symbols that do not occur. False when there are more words
  /// than fit; fewer are fine, for what is not a word is only met in broken streams.
  bool build(std::span<const std::uint8_t> lengths) {
    counts_.fill(0);
    symbols_.assign(lengths.size(), 0);
    for (const std::uint8_t length : lengths) {
      if (length > kBitsMax) return false;
      ++counts_[length];
    }
    counts_[0] = 0;
    std::array<std::uint32_t, kBitsMax + 2> starts{};
    std::int64_t left = 1;
    for (unsigned length = 1; length <= kBitsMax; ++length) {
      left = left * 2 - counts_[length];
      if (left < 0) return false;
      starts[length + 1] = starts[length] + counts_[length];
    }
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] != 0) {
        symbols_[starts[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
      }
    }
    return true;
  }

  /// The next symbol; kNone when the bits are no word. `flip` is 1 when the stream holds every bit
  /// of a word inverted.
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  template <class Bits>
  std::uint32_t read(Bits& bits, std::uint32_t flip = 0) const {
    std::uint32_t word = 0;
    std::uint32_t first = 0;
    std::uint32_t index = 0;
    for (unsigned length = 1; length <= kBitsMax; ++length) {
      word = word << 1 | (bits.bit() ^ flip);
      const std::uint32_t count = counts_[length];
      if (word < first + count) return symbols_[index + word - first];
      index += count;
      first = (first + count) << 1;
    }
    return kNone;
  }

 private:
  std::array<std::uint32_t, kBitsMax + 1> counts_{};
  std::vector<std::uint16_t> symbols_;
};

}  // namespace amanat::unpack
