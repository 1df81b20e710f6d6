#pragma once

// Reading through a large object piece by piece. The view of a large file is a mapping: looking at
// a part of it is cheap, reading it through meets every page for the first time and keeps it in
// memory. Whoever has the file can read it into a small buffer instead.

#include <algorithm>
#include <cstdint>
#include <functional>

#include "amanat/bytes/bytes.h"

namespace amanat::threat {

/// The `size` bytes of an object at `begin`, all of which lie in it; valid until the next call.
/// Fewer when they cannot be read.
using ReadWindow = std::function<ByteView(std::uint64_t begin, std::size_t size)>;

/// A piece of an object, for what begins in [begin, end) of it; `bytes` begin at `begin`, and reach
/// behind `end` while there is more.
struct Window {
  ByteView bytes;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

inline constexpr std::size_t kWindowBytes = std::size_t{512} << 10U;

/// Calls `look(Window)` for one piece after the other until it says false. Without `read`, the
/// object is one piece.
///
///   behind   how many bytes behind its end a piece shows
///   window   how many bytes a piece is for
template <class Look>
void for_each_window(ByteView object, const ReadWindow* read, std::size_t behind, const Look& look,
                     std::size_t window = kWindowBytes) {
  const std::size_t step = read == nullptr ? object.size() : window;
  for (std::uint64_t begin = 0; begin < object.size(); begin += step) {
    const std::size_t left = object.size() - begin;
    const std::size_t size = std::min(left, step + std::min(behind, left));
    ByteView bytes = read == nullptr ? object : (*read)(begin, size);
    if (bytes.size() != size) bytes = object.subspan(begin, size);
    if (!look(Window{bytes, begin, begin + std::min(left, step)})) return;
  }
}

}  // namespace amanat::threat
