#pragma once

// LZSS with Huffman codes, block by block, as ARJ has it (LHA's lh6 with other tables sizes).

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// ARJ's methods 1 to 3: until there are `size` bytes in `output`.
End decode_lzh(ByteView packed, std::uint64_t size, Output& output);

/// ARJ's method 4, "fastest": lengths and distances in codes of growing width.
End decode_arj_fastest(ByteView packed, std::uint64_t size, Output& output);

}  // namespace amanat::unpack
