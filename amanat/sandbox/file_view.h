#pragma once

// Files that were handed over, each as one view of its bytes.
//
// Most files are read into a buffer that is kept: reading a file and then looking at the copy costs
// about half of looking at a mapping, whose every page is met for the first time, and nobody can
// cut a file that has been read. Only large ones are mapped (mapped_file.h).

#include <cstddef>
#include <cstdint>
#include <optional>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/sandbox/descriptor.h"
#include "amanat/sandbox/mapped_file.h"

namespace amanat::sandbox {

/// Files up to this size are read, larger ones mapped.
inline constexpr std::size_t kReadWholeMax = std::size_t{8} << 20;

/// One file at a time. Its memory, at most kReadWholeMax, is kept from file to file.
class FileViewer {
 public:
  FileViewer() = default;
  FileViewer(const FileViewer&) = delete;
  FileViewer& operator=(const FileViewer&) = delete;
  ~FileViewer();

  /// All of `file`; valid until the next call. A file that grows is seen as long as it was.
  ///
  ///   fails   invalid_input when it is larger than `size_max` or no file with a size
  ///           unavailable when it cannot be read or mapped, or was cut meanwhile
  Result<ByteView> view(const Descriptor& file, std::uint64_t size_max);

  /// Whether the view is a mapping; then `read_window` reads the same bytes through a buffer, at
  /// most kReadWholeMax of them at once: less when they are not there any more.
  bool is_mapped() const { return mapped_.has_value(); }
  ByteView read_window(const Descriptor& file, std::uint64_t begin, std::size_t size);

 private:
  bool make_buffer();

  std::uint8_t* buffer_ = nullptr;  // kReadWholeMax bytes, whose pages come as they are used
  std::optional<MappedFile> mapped_;
};

}  // namespace amanat::sandbox
