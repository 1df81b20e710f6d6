#pragma once

// What AutoIt hides the parts of its compiled programs with: the bytes of a generator of random
// numbers, whose seed everybody knows.

#include <cstdint>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// Puts the mask of EA05 over `bytes`, or takes it off: the Mersenne Twister (MT19937), of each
/// number the bits 1 to 8.
void mask_ea05(ByteSpan bytes, std::uint32_t seed);

/// The same of EA06: seventeen words that are turned and added, of each second one the high byte.
/// Of the seed the low 16 bits count.
void mask_ea06(ByteSpan bytes, std::uint32_t seed);

}  // namespace amanat::unpack
