#pragma once

// Inflates a deflate stream (RFC 1951) of unknown honesty, piece by piece.

#include <cstdint>
#include <functional>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/unpack/random_access.h"

namespace amanat::unpack {

struct Inflated {
  std::uint64_t size = 0;
  bool whole = false;
};

/// A deflate stream: where it is read, how long it is, and what it is said to become.
struct Packed {
  const RandomAccess& bytes;
  std::uint64_t size = 0;
  std::uint64_t size_claimed = 0;
};

/// Inflates `packed`; hands at most `size_max` bytes to `sink`, which stops it by false.
///
/// Small streams that keep their promise of `size_claimed` are done in one piece by libdeflate,
/// twice as fast; all others stream through zlib in 64 KiB.
///
///   fails   invalid_input when the stream is broken or ends early
Result<Inflated> inflate(const Packed& packed, std::uint64_t size_max,
                         const std::function<bool(ByteView)>& sink);

}  // namespace amanat::unpack
