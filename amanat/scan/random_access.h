#pragma once

// Bytes that can be read at any offset: a file through pread, or a buffer. What parses archives
// reads through this, so it never holds more of a file than it looks at.

#include <cstdint>
#include <cstring>
#include <functional>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::scan {

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

/// Reads a part of `whole`, seen as if it began at `start`; the caller keeps within `size`.
inline RandomAccess read_part(RandomAccess whole, std::uint64_t start, std::uint64_t size) {
  return [whole = std::move(whole), start, size](std::uint64_t offset, ByteSpan out) -> Result<> {
    if (offset > size || out.size() > size - offset) {
      return fail(Code::invalid_input, "read past the end");
    }
    return whole(start + offset, out);
  };
}

}  // namespace amanat::scan
