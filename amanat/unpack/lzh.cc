#include "amanat/unpack/lzh.h"

#include <array>
#include <optional>

#include "amanat/unpack/bits.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kLiterals = 256;
constexpr std::size_t kShortest = 3;
constexpr std::size_t kSymbols = 510;  // 256 bytes and 254 lengths
constexpr unsigned kSymbolBits = 9;
constexpr std::size_t kDistances = 17;
constexpr unsigned kDistanceBits = 5;
constexpr std::size_t kLengths = 19;
constexpr unsigned kLengthBits = 5;

/// A prefix code, or one symbol that takes no bits at all.
struct Code {
  PrefixCode code;
  std::optional<std::uint32_t> only;

  std::uint32_t read(HighBits& bits) const { return only ? *only : code.read(bits); }
};

// Lengths of three bits, or seven and one for each further bit that is set. After `gap` of them
// comes a count of absent ones.
bool read_small_code(HighBits& bits, std::size_t symbols, unsigned count_bits, std::size_t gap,
                     Code& code) {
  std::array<std::uint8_t, kLengths> lengths{};
  const std::size_t count = bits.read(count_bits);
  code.only.reset();
  if (count == 0) {
    code.only = bits.read(count_bits);
    return *code.only < symbols;
  }
  if (count > symbols) return false;
  for (std::size_t i = 0; i < count;) {
    std::uint8_t length = static_cast<std::uint8_t>(bits.read(3));
    if (length == 7) {
      while (length <= PrefixCode::kBitsMax && bits.bit() == 1) ++length;
    }
    lengths[i++] = length;
    if (i == gap) i += bits.read(2);
  }
  return code.code.build(std::span(lengths).first(symbols));
}

bool read_symbol_code(HighBits& bits, const Code& length_code, Code& code) {
  std::array<std::uint8_t, kSymbols> lengths{};
  const std::size_t count = bits.read(kSymbolBits);
  code.only.reset();
  if (count == 0) {
    code.only = bits.read(kSymbolBits);
    return *code.only < kSymbols;
  }
  if (count > kSymbols) return false;
  for (std::size_t i = 0; i < count;) {
    const std::uint32_t symbol = length_code.read(bits);
    if (symbol == PrefixCode::kNone || bits.is_over()) return false;
    switch (symbol) {
      case 0: ++i; break;
      case 1: i += bits.read(4) + 3; break;
      case 2: i += bits.read(kSymbolBits) + 20; break;
      default: lengths[i++] = static_cast<std::uint8_t>(symbol - 2); break;
    }
  }
  return code.code.build(lengths);
}

struct Codes {
  Code symbols;
  Code distances;
};

bool read_codes(HighBits& bits, Codes& codes) {
  constexpr std::size_t kGap = 3;
  Code lengths;
  return read_small_code(bits, kLengths, kLengthBits, kGap, lengths)
         && read_symbol_code(bits, lengths, codes.symbols)
         && read_small_code(bits, kDistances, kDistanceBits, 0, codes.distances);
}

End stop(const Output& output) { return output.room() == 0 ? End::over_budget : End::damaged; }

// How many bits follow is told by ones, at most `most` of them.
std::uint32_t read_growing(HighBits& bits, unsigned least, unsigned most) {
  std::uint32_t base = 0;
  unsigned width = least;
  for (; width < most && bits.bit() == 1; ++width) base += 1U << width;
  return base + bits.read(width);
}

}  // namespace

End decode_lzh(ByteView packed, std::uint64_t size, Output& output) {
  HighBits bits(packed);
  Codes codes;
  std::uint32_t block = 0;
  while (output.size() < size) {
    if (bits.is_over()) return End::damaged;
    if (block == 0) {
      block = bits.read(16);
      if (block == 0 || !read_codes(bits, codes)) return End::damaged;
    }
    --block;
    const std::uint32_t symbol = codes.symbols.read(bits);
    if (symbol < kLiterals) {
      if (!output.add(static_cast<std::uint8_t>(symbol))) return End::over_budget;
      continue;
    }
    if (symbol >= kSymbols) return End::damaged;
    const std::uint32_t width = codes.distances.read(bits);
    if (width >= kDistances) return End::damaged;
    const std::uint32_t distance = width == 0 ? 0 : (1U << (width - 1)) + bits.read(width - 1);
    if (!output.copy(distance + std::size_t{1}, symbol - kLiterals + kShortest)) {
      return stop(output);
    }
  }
  output.cut(size);
  return End::whole;
}

End decode_arj_fastest(ByteView packed, std::uint64_t size, Output& output) {
  HighBits bits(packed);
  while (output.size() < size) {
    if (bits.is_over()) return End::damaged;
    const std::uint32_t length = read_growing(bits, 0, 7);
    if (length == 0) {
      if (!output.add(static_cast<std::uint8_t>(bits.read(8)))) return End::over_budget;
      continue;
    }
    const std::size_t distance = read_growing(bits, 9, 13) + std::size_t{1};
    if (!output.copy(distance, length - 1 + kShortest)) return stop(output);
  }
  output.cut(size);
  return End::whole;
}

}  // namespace amanat::unpack
