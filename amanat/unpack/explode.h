#pragma once

// Implode, method 6 of ZIP, made by PKZIP 1: Shannon-Fano codes and a window of 4 or 8 KiB
// (APPNOTE 5.3).

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Explodes `packed` into `output` until there are `size` bytes.
///
///   flags   of the entry: bit 1 means 8 KiB, bit 2 that literals have a code of their own
End explode(ByteView packed, std::uint16_t flags, std::uint64_t size, Output& output);

}  // namespace amanat::unpack
