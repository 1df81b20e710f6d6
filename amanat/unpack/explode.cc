#include "amanat/unpack/explode.h"

#include <algorithm>
#include <vector>

#include "amanat/unpack/bits.h"

namespace amanat::unpack {
namespace {

// Every bit of a word is inverted in the stream.
constexpr std::uint32_t kFlip = 1;

// A code is stored in runs: the low half of a byte is the words' length less 1, the high half how
// many symbols in a row have it, less 1.
bool read_code(LowBits& bits, std::size_t symbols, PrefixCode& code) {
  std::vector<std::uint8_t> lengths;
  for (std::uint32_t runs = bits.read(8) + 1; runs > 0; --runs) {
    const std::uint32_t run = bits.read(8);
    lengths.insert(lengths.end(), (run >> 4) + 1, static_cast<std::uint8_t>((run & 15) + 1));
    if (lengths.size() > symbols) return false;
  }
  return lengths.size() == symbols && code.build(lengths);
}

// Before the beginning there are zeros.
bool copy(Output& output, std::size_t distance, std::size_t count) {
  const std::size_t before =
      distance > output.size() ? std::min(count, distance - output.size()) : 0;
  return output.add_zeros(before) && (count == before || output.copy(distance, count - before));
}

}  // namespace

End explode(ByteView packed, std::uint16_t flags, std::uint64_t size, Output& output) {
  const unsigned low_bits = (flags & 2U) != 0 ? 7 : 6;
  const bool has_literals = (flags & 4U) != 0;
  const std::size_t shortest = has_literals ? 3 : 2;
  LowBits bits(packed);
  PrefixCode literals;
  PrefixCode lengths;
  PrefixCode distances;
  if ((has_literals && !read_code(bits, 256, literals)) || !read_code(bits, 64, lengths)
      || !read_code(bits, 64, distances)) {
    return End::damaged;
  }
  while (output.size() < size) {
    if (bits.is_over()) return End::damaged;
    if (bits.bit() == 1) {
      const std::uint32_t byte = has_literals ? literals.read(bits, kFlip) : bits.read(8);
      if (byte > 0xff) return End::damaged;
      if (!output.add(static_cast<std::uint8_t>(byte))) return End::over_budget;
      continue;
    }
    const std::uint32_t low = bits.read(low_bits);
    const std::uint32_t high = distances.read(bits, kFlip);
    const std::uint32_t length = lengths.read(bits, kFlip);
    if (high > 63 || length > 63) return End::damaged;
    const std::size_t count = shortest + length + (length == 63 ? bits.read(8) : 0);
    if (!copy(output, (high << low_bits | low) + std::size_t{1}, count)) return End::over_budget;
  }
  output.cut(size);
  return End::whole;
}

}  // namespace amanat::unpack
