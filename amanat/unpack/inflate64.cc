#include "amanat/unpack/inflate64.h"

#include <algorithm>
#include <array>

#include "amanat/unpack/bits.h"

namespace amanat::unpack {
namespace {

constexpr std::uint32_t kEndOfBlock = 256;

struct Codes {
  PrefixCode literals;
  PrefixCode distances;
};

/// What a length or distance symbol stands for: a base and further bits to add.
struct Base {
  std::uint32_t base = 0;
  unsigned bits = 0;
};

// 257 to 264 are lengths 3 to 10; then four symbols for each number of further bits; the last is
// deflate64's own: 3 and sixteen bits.
Base length_of(std::uint32_t symbol) {
  const std::uint32_t index = symbol - 257;
  if (index < 8) return {.base = index + 3};
  if (index == 28) return {.base = 3, .bits = 16};
  const unsigned bits = index / 4 - 1;
  return {.base = ((4 + index % 4) << bits) + 3, .bits = bits};
}

Base distance_of(std::uint32_t symbol) {
  if (symbol < 4) return {.base = symbol + 1};
  const unsigned bits = symbol / 2 - 1;
  return {.base = ((2 + symbol % 2) << bits) + 1, .bits = bits};
}

bool fixed_codes(Codes& codes) {
  std::array<std::uint8_t, 288> literals{};
  std::fill_n(literals.begin(), 144, 8);
  std::fill_n(literals.begin() + 144, 112, 9);
  std::fill_n(literals.begin() + 256, 24, 7);
  std::fill_n(literals.begin() + 280, 8, 8);
  std::array<std::uint8_t, 32> distances{};
  distances.fill(5);
  return codes.literals.build(literals) && codes.distances.build(distances);
}

bool read_codes(LowBits& bits, Codes& codes) {
  constexpr auto kOrder = std::to_array<std::uint8_t>(
      {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15});
  const std::size_t literal_count = bits.read(5) + 257;
  const std::size_t distance_count = bits.read(5) + 1;
  const std::size_t order_count = bits.read(4) + 4;
  std::array<std::uint8_t, 19> code_lengths{};
  for (std::size_t i = 0; i < order_count; ++i) {
    code_lengths[kOrder[i]] = static_cast<std::uint8_t>(bits.read(3));
  }
  PrefixCode code;
  if (!code.build(code_lengths)) return false;
  std::array<std::uint8_t, 320> lengths{};
  const std::size_t count = literal_count + distance_count;
  for (std::size_t i = 0; i < count;) {
    const std::uint32_t symbol = code.read(bits);
    if (symbol > 18 || bits.is_over()) return false;
    if (symbol < 16) {
      lengths[i++] = static_cast<std::uint8_t>(symbol);
      continue;
    }
    if (symbol == 16 && i == 0) return false;
    const std::uint8_t length = symbol == 16 ? lengths[i - 1] : 0;
    std::size_t repeat = symbol == 16   ? 3 + bits.read(2)
                         : symbol == 17 ? 3 + bits.read(3)
                                        : 11 + bits.read(7);
    for (; repeat > 0 && i < count; --repeat) lengths[i++] = length;
    if (repeat > 0) return false;
  }
  const std::span<const std::uint8_t> all(lengths);
  return codes.literals.build(all.first(literal_count))
         && codes.distances.build(all.subspan(literal_count, distance_count));
}

End stop(const Output& output) { return output.room() == 0 ? End::over_budget : End::damaged; }

End read_block(LowBits& bits, const Codes& codes, Output& output) {
  while (!bits.is_over()) {
    const std::uint32_t symbol = codes.literals.read(bits);
    if (symbol < kEndOfBlock) {
      if (!output.add(static_cast<std::uint8_t>(symbol))) return End::over_budget;
      continue;
    }
    if (symbol == kEndOfBlock) return End::whole;
    if (symbol > 285) return End::damaged;
    const Base length = length_of(symbol);
    const std::size_t count = length.base + bits.read(length.bits);
    const std::uint32_t distance_symbol = codes.distances.read(bits);
    if (distance_symbol > 31) return End::damaged;
    const Base distance = distance_of(distance_symbol);
    if (!output.copy(distance.base + bits.read(distance.bits), count)) return stop(output);
  }
  return End::damaged;
}

End read_stored(LowBits& bits, Output& output) {
  bits.skip_to_byte();
  const std::uint32_t size = bits.read(16);
  if (bits.read(16) != (size ^ 0xffffU)) return End::damaged;
  for (std::uint32_t i = 0; i < size && !bits.is_over(); ++i) {
    if (!output.add(static_cast<std::uint8_t>(bits.read(8)))) return End::over_budget;
  }
  return bits.is_over() ? End::damaged : End::whole;
}

}  // namespace

End inflate64(ByteView packed, Output& output) {
  LowBits bits(packed);
  Codes codes;
  for (bool last = false; !last;) {
    if (!output.budget().has_time()) return End::over_budget;
    last = bits.bit() == 1;
    End end = End::damaged;
    switch (bits.read(2)) {
      case 0: end = read_stored(bits, output); break;
      case 1:
        if (fixed_codes(codes)) end = read_block(bits, codes, output);
        break;
      case 2:
        if (read_codes(bits, codes)) end = read_block(bits, codes, output);
        break;
      default: break;
    }
    if (end != End::whole) return end;
  }
  return End::whole;
}

}  // namespace amanat::unpack
