#pragma once

// Bytes that can be read at any offset: a file through pread, or a buffer. What parses archives
// reads through this, so it never holds more of a file than it looks at.

#include <cstdint>
#include <cstring>
#include <functional>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::unpack {

/// Fills all of `out` from `offset`, or fails; a short read is a failure.
using RandomAccess = std::function<Result<>(std::uint64_t offset, ByteSpan out)>;

/// Reads from memory; borrows `bytes` for as long as the reader lives.
inline RandomAccess read_from(ByteView bytes) {
  return [bytes](std::uint64_t offset, ByteSpan out) -> Result<> {
    if (offset > bytes.size() || out.size() > bytes.size() - offset) {
      return fail(Code::invalid_input, "read past the end");
    }
    if (!out.empty()) std::memcpy(out.data(), bytes.data() + offset, out.size());
    return {};
  };
}

/// A stretch of a file.
struct Part {
  std::uint64_t start = 0;
  std::uint64_t size = 0;
};

/// Reads `part` of `whole`, seen as if it were all there is.
inline RandomAccess read_part(RandomAccess whole, Part part) {
  return [whole = std::move(whole), part](std::uint64_t offset, ByteSpan out) -> Result<> {
    if (offset > part.size || out.size() > part.size - offset) {
      return fail(Code::invalid_input, "read past the end");
    }
    return whole(part.start + offset, out);
  };
}

}  // namespace amanat::unpack
