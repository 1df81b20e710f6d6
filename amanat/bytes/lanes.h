#pragma once

// Sixteen bytes at once, in what every processor has: for loops that look at every byte of a text.

#include <bit>
#include <cstdint>
#include <cstring>

namespace amanat::lanes {

inline constexpr std::size_t kLanes = 16;
using Vector = std::uint8_t __attribute__((vector_size(kLanes)));

inline Vector load(const std::uint8_t* bytes) {
  Vector vector;
  std::memcpy(&vector, bytes, sizeof(vector));
  return vector;
}

/// Whether any byte of it is not zero.
inline bool has_any(Vector vector) {
  using Halves = std::uint64_t __attribute__((vector_size(kLanes)));
  const auto halves = std::bit_cast<Halves>(vector);
  return (halves[0] | halves[1]) != 0;
}

}  // namespace amanat::lanes
