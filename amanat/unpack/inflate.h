#pragma once

// Inflates a deflate stream (RFC 1951) of unknown honesty, piece by piece.

#include <cstdint>
#include <functional>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/unpack/random_access.h"
#include "amanat/unpack/walk.h"

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

/// What stands around a deflate stream.
enum class Wrapping : std::uint8_t { raw, zlib, gzip };

/// Inflates the stream at the beginning of `packed`, all of it in memory, into `output`, which has
/// begun; what came before a break stays there.
///
///   size_claimed   a guess at the size of the content, 0 for none; only speed depends on it
///   used           how many bytes of `packed` the stream took, when it ended well
///   returns        whole, damaged (broken or cut off) or over_budget
End inflate_into(Output& output, ByteView packed, Wrapping wrapping, std::uint64_t size_claimed,
                 std::size_t* used = nullptr);

}  // namespace amanat::unpack
