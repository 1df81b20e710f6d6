#pragma once

// The first look for a class of few literals: at every position, whether each of four bytes may be
// a literal's.
//
// Grams are dealt out to eight buckets, and a byte may stand in a column of a bucket when the bits
// of both its halves do. Halves have 16 values, so that processors look up 16 to 64 positions at
// once in registers, without touching memory. It costs a tenth of the filter's sampling at every
// position, and what passes by chance grows with the number of literals: 128 are enough.
//
//   tables   for each of the four columns: u8 low[16], u8 high[16], whose bits are buckets

#include <cstddef>
#include <cstdint>
#include <span>

#include "amanat/bytes/bytes.h"
#include "amanat/match/choose_grams.h"
#include "amanat/match/screen.h"

namespace amanat::match {

inline constexpr std::size_t kFewMax = 128;
inline constexpr std::size_t kFewColumns = 4;
inline constexpr std::size_t kFewTableBytes = 2 * 16 * kFewColumns;
inline constexpr std::uint8_t kFewFilterBits = 5;  // the tables are as large as 2^5 words
static_assert(std::size_t{4} << kFewFilterBits == kFewTableBytes);

/// The tables of these grams; when `folded`, letters of them stand for both cases.
Bytes make_few_tables(std::span<const PlacedGram> grams, bool folded);

// As other screens (screen.h), with tables as the filter and at every position.
std::size_t screen_few_portable(const Screen& screen, const std::uint8_t* text, std::size_t count,
                                std::uint32_t* candidates);
ScreenFunction screen_few_for(Simd simd);
ScreenFunction screen_few_avx2();
ScreenFunction screen_few_avx512();
ScreenFunction screen_few_neon();

}  // namespace amanat::match
