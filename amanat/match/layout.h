#pragma once

// Where the parts of an opened image lie. It is made once, by open, and kept apart from the image:
// what was checked then cannot change under a search.

#include <array>
#include <cstdint>
#include <cstring>

#include "amanat/match/index_format.h"
#include "amanat/match/screen.h"

namespace amanat::match {

/// A pass of an opened image: its tables lie inside the image, whole.
struct Pass {
  Shape shape{};
  bool is_few = false;
  std::uint32_t longest = 0;
  Screen screen;
  const std::uint8_t* sieve = nullptr;
  const std::uint8_t* heads = nullptr;
  const std::uint8_t* entries = nullptr;
  std::uint32_t sieve_shift = 0;
  std::uint32_t head_shift = 0;
  std::uint32_t entry_count = 0;
};

/// An opened image: what `open` has checked, kept apart from the image.
struct Layout {
  const std::uint8_t* rows = nullptr;
  const std::uint8_t* ids = nullptr;
  const std::uint8_t* bytes = nullptr;
  std::uint32_t literals = 0;
  std::uint32_t id_count = 0;
  std::uint32_t byte_count = 0;
  std::uint32_t pass_count = 0;
  std::array<Pass, kPassesMax> passes;
  ScreenFunction screen = nullptr;
  ScreenFunction screen_few = nullptr;  // for passes of few literals
};

/// Value number `index` of a table, wherever it is aligned.
template <class Value>
Value value_at(const std::uint8_t* table, std::uint64_t index) {
  Value value;
  std::memcpy(&value, table + index * sizeof(Value), sizeof(Value));
  return value;
}

}  // namespace amanat::match
