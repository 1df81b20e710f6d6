#pragma once

// Numbers in foreign bytes, low byte first, read only where they are.

#include <cstdint>

#include "amanat/bytes/bytes.h"

namespace amanat::emulate {

/// Whether all of `size` bytes from `at` are there.
inline bool has(ByteView bytes, std::uint64_t at, std::uint64_t size) {
  return at <= bytes.size() && size <= bytes.size() - at;
}

/// 0 when it is not all there.
inline std::uint32_t little32(ByteView bytes, std::uint64_t at) {
  if (!has(bytes, at, 4)) return 0;
  return std::uint32_t{bytes[at]} | std::uint32_t{bytes[at + 1]} << 8
         | std::uint32_t{bytes[at + 2]} << 16 | std::uint32_t{bytes[at + 3]} << 24;
}

inline std::uint16_t little16(ByteView bytes, std::uint64_t at) {
  if (!has(bytes, at, 2)) return 0;
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}

/// Puts `width` bytes of `value` at `at`, which are there.
inline void put_little(ByteSpan bytes, std::size_t at, std::uint32_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

}  // namespace amanat::emulate
