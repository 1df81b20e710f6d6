#pragma once

// Numbers in foreign bytes, read only where they are.

#include <concepts>
#include <cstdint>
#include <optional>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// The part of `bytes` from `at`, at most `size` long; empty when `at` is outside.
inline ByteView part(ByteView bytes, std::uint64_t at,
                     std::uint64_t size = static_cast<std::uint64_t>(-1)) {
  if (at >= bytes.size()) return {};
  return bytes.subspan(at, size < bytes.size() - at ? size : bytes.size() - at);
}

/// Whether all of `size` bytes from `at` are there.
inline bool has(ByteView bytes, std::uint64_t at, std::uint64_t size) {
  return at <= bytes.size() && size <= bytes.size() - at;
}

/// An unsigned number, low byte first; 0 when it is not all there, so ask `has` where 0 matters.
template <std::unsigned_integral T>
T little(ByteView bytes, std::uint64_t at) {
  T value = 0;
  if (!has(bytes, at, sizeof(T))) return value;
  for (std::size_t i = sizeof(T); i > 0; --i) {
    value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 | bytes[at + i - 1]);
  }
  return value;
}
inline std::uint16_t little16(ByteView bytes, std::uint64_t at) {
  return little<std::uint16_t>(bytes, at);
}
inline std::uint32_t little32(ByteView bytes, std::uint64_t at) {
  return little<std::uint32_t>(bytes, at);
}
inline std::uint64_t little64(ByteView bytes, std::uint64_t at) {
  return little<std::uint64_t>(bytes, at);
}

/// The same, high byte first.
template <std::unsigned_integral T>
T big(ByteView bytes, std::uint64_t at) {
  T value = 0;
  if (!has(bytes, at, sizeof(T))) return value;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 | bytes[at + i]);
  }
  return value;
}

/// Whether `magic` stands at `at`.
inline bool is_at(ByteView bytes, std::uint64_t at, std::string_view magic) {
  return has(bytes, at, magic.size()) && as_text(bytes.subspan(at, magic.size())) == magic;
}

/// Where `magic` stands next, from `at` on.
std::optional<std::size_t> find(ByteView bytes, std::string_view magic, std::size_t at = 0);

}  // namespace amanat::unpack
