#pragma once

// The first look at a text: which sampled positions have a gram whose bits are set in the filter.
// This loop sees every byte of every text; it is written four times, for four kinds of processors.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "amanat/match/match.h"

namespace amanat::match {

static_assert(std::endian::native == std::endian::little);

/// Up to eight bytes of text: the first four, and what the class has behind them.
struct Gram {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

/// A filter and how to sample for it.
struct Screen {
  const std::uint8_t* filter = nullptr;
  std::uint32_t shift = 0;  // hash >> shift is the number of a word
  std::uint32_t seed = 0;
  std::uint32_t high_mask = 0;  // what of a gram's bytes 4 to 7 counts
  std::uint32_t stride = 0;     // 1, 2 or 4
};

/// Texts are screened in blocks of at most this many bytes.
inline constexpr std::size_t kBlockBytes = 4096;
/// How far a screen reads behind the last whole 64 bytes.
inline constexpr std::size_t kReadAhead = 64 + 8;

inline constexpr std::uint32_t kScreenLow = 0x9e3779b1;
inline constexpr std::uint32_t kScreenHigh = 0x85ebca77;
inline constexpr std::uint32_t kScreenMix = 0xc2b2ae3d;
inline constexpr std::uint32_t kScreenFold = 15;

/// Top bits choose the filter's word, the low ten two bits in it.
inline std::uint32_t screen_hash(Gram gram, std::uint32_t seed) {
  std::uint32_t hash = gram.low * kScreenLow + gram.high * kScreenHigh + seed;
  hash ^= hash >> kScreenFold;
  return hash * kScreenMix;
}
inline std::uint32_t screen_mask(std::uint32_t hash) {
  return std::uint32_t{1} << (hash & 31) | std::uint32_t{1} << (hash >> 5 & 31);
}

/// Writes to `candidates` which of the positions 0, stride, 2 stride ... below `count`, and perhaps
/// some behind it, pass; in no promised order. Returns how many.
///
///   text         readable for `count`, rounded up to 64, plus 8 bytes
///   count        at most kBlockBytes
///   candidates   room for kBlockBytes / stride + 64
using ScreenFunction = std::size_t (*)(const Screen& screen, const std::uint8_t* text,
                                       std::size_t count, std::uint32_t* candidates);

std::size_t screen_portable(const Screen& screen, const std::uint8_t* text, std::size_t count,
                            std::uint32_t* candidates);

/// The function that goes by this name here, null when this machine cannot run it.
ScreenFunction screen_for(Simd simd);

/// One file each; null where it was not compiled or cannot run.
ScreenFunction screen_avx2();
ScreenFunction screen_avx512();
ScreenFunction screen_neon();

}  // namespace amanat::match
