#include "amanat/unpack/memory.h"

#include <doctest/doctest.h>

namespace amanat::unpack {
namespace {

TEST_CASE("memory keeps what is in it when it grows, and when it moves to large pages") {
  Memory memory;
  std::size_t filled = 0;
  for (std::size_t size = 1000; size < (std::size_t{20} << 20); size = size * 3 / 2) {
    memory.grow(size);
    REQUIRE(memory.size() == size);
    for (; filled < size; ++filled) memory.data()[filled] = static_cast<std::uint8_t>(filled % 251);
  }
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < filled; ++i) {
    if (memory.data()[i] != i % 251) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("memory that never grew is empty") {
  const Memory memory;
  CHECK(memory.size() == 0);
}

}  // namespace
}  // namespace amanat::unpack
