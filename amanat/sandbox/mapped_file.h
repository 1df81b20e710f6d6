#pragma once

// A file that was handed over, mapped for reading.
//
// Somebody else may cut the file while it is read: touching what is gone raises SIGBUS. A confined
// worker dies of it with the answer `file_changed`; a process that is not confined just dies, so
// map foreign files in workers only.

#include <cstddef>
#include <cstdint>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/sandbox/descriptor.h"

namespace amanat::sandbox {

/// Unmaps when it dies.
class MappedFile {
 public:
  /// Maps all of `file`, which may be closed afterwards. An empty file has an empty view.
  ///
  ///   fails   invalid_input when it is larger than `size_max` or no file with a size
  ///           unavailable when it cannot be mapped
  static Result<MappedFile> map(const Descriptor& file, std::uint64_t size_max);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  /// Lives as long as this.
  ByteView view() const { return {start_, size_}; }
  /// Takes what was looked at out of this process's memory; it comes back when it is looked at
  /// again.
  void let_go() const;

 private:
  MappedFile(const std::uint8_t* start, std::size_t size) : start_(start), size_(size) {}
  void unmap();

  const std::uint8_t* start_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace amanat::sandbox
