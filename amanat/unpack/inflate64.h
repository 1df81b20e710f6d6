#pragma once

// Deflate64, method 9 of ZIP: deflate with a window of 64 KiB and longer matches. Rare; made by
// Windows for files over 2 GB.

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Inflates `packed` into `output`; what came before a break stays there.
End inflate64(ByteView packed, Output& output);

}  // namespace amanat::unpack
