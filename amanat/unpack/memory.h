#pragma once

// Memory that grows and keeps what is in it.
//
// Small memory is of malloc. Large memory is mapped in large pages: meeting a page for the first
// time costs more than filling it, and large pages are met five hundred times less often.

#include <cstddef>
#include <cstdint>

namespace amanat::unpack {

class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  /// Makes room for `size` bytes, at least as many as before; the new ones are uninitialised.
  void grow(std::size_t size);

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void grow_mapped(std::size_t size);

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;  // bytes mapped; 0 when it is of malloc
};

}  // namespace amanat::unpack
