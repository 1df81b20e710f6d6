#pragma once

// Where the parts of an opened image lie. It is made once, by open, and kept apart from the image:
// what was checked then cannot change under a search.

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "amanat/match/index_format.h"
#include "amanat/match/screen.h"

namespace amanat::match {

/// Where the entries of a gram are; inside the image, whole.
struct Table {
  const std::uint8_t* heads = nullptr;
  const std::uint8_t* entries = nullptr;
  std::uint32_t shift = 0;        // hash >> shift is the number of a head
  std::uint32_t entry_count = 0;  // without entries there are no heads
};

/// A pass of an opened image: its tables lie inside the image, whole.
struct Pass {
  Shape shape{};
  bool is_few = false;
  std::uint32_t longest = 0;
  Screen screen;
  const std::uint8_t* sieve = nullptr;
  std::uint32_t sieve_shift = 0;
  std::array<Table, 2> tables;
};

/// What a search for one group looks at.
struct Group {
  std::uint32_t pass_count = 0;
  std::array<Pass, kPassesMax> passes;
};

/// An opened image: what `open` has checked, kept apart from the image.
struct Layout {
  const std::uint8_t* rows = nullptr;
  const std::uint8_t* ids = nullptr;
  const std::uint8_t* bytes = nullptr;
  std::uint32_t literals = 0;
  std::uint32_t id_count = 0;
  std::uint32_t byte_count = 0;
  std::vector<Group> groups;
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
