#pragma once

// Memory that two processes see at the same addresses of a file that has no name (memfd).
//
// Its size is sealed: nobody can make the other side fault by cutting it. Who maps it writable is
// decided at birth, because a worker that could change bytes while the caller seals them would
// choose what is sealed after it was examined.

#include <cstddef>
#include <cstdint>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/sandbox/descriptor.h"

namespace amanat::sandbox {

enum class Writers : std::uint8_t {
  maker,  // others can only read: what is examined
  all,    // both write: results too large for a message; copy before judging, they may change
};

/// A mapping of such memory; unmaps when it dies. Moving it leaves the bytes where they are.
class SharedMemory {
 public:
  /// Makes `size` bytes of zeros (1 or more), mapped writable here.
  ///
  ///   fails   unavailable when the system has no memory, or no way to keep others from writing
  static Result<SharedMemory> make(std::size_t size, Writers writers = Writers::maker);

  /// Maps memory that the other side made and handed over; writable only when all may write.
  ///
  ///   fails   invalid_input when its size is not sealed or is more than `size_max`
  static Result<SharedMemory> adopt(Descriptor descriptor, std::size_t size_max);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();

  ByteView view() const { return {start_, size_}; }
  /// Empty where this side may only read.
  ByteSpan fill() { return writable_ ? ByteSpan(start_, size_) : ByteSpan(); }
  std::size_t size() const { return size_; }

  /// To hand over with a request or for a worker's life.
  int descriptor() const { return descriptor_.number(); }
  /// Closes the descriptor; the mapping stays. A worker does so before it is confined, which closes
  /// all descriptors it does not hold for its caller.
  void close_descriptor() { descriptor_.close(); }

 private:
  SharedMemory(Descriptor descriptor, std::uint8_t* start, std::size_t size, bool writable)
      : descriptor_(std::move(descriptor)), start_(start), size_(size), writable_(writable) {}
  void unmap();

  Descriptor descriptor_;
  std::uint8_t* start_ = nullptr;
  std::size_t size_ = 0;
  bool writable_ = false;
};

}  // namespace amanat::sandbox
