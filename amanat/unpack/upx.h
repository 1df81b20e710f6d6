#pragma once

// Programs for Windows packed by UPX: their sections, unpacked as they would lie in memory.

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Gives the memory of a program that UPX packed with NRV2B, NRV2D or NRV2E; nothing, and false,
/// for others. Much faster than to run UPX's stub (unpack_packed), and programs may be large.
bool unpack_upx(ByteView object, Walk& walk);

}  // namespace amanat::unpack
