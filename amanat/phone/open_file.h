#pragma once

// A file open for reading, below a folder we were given, reached without following any link: what a
// path names cannot be moved elsewhere between looking and reading.

#include <cstdint>
#include <string_view>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/sample.h"

namespace amanat::phone {

/// What must not change while a file is read: taken before and after, and compared.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // since 1970, may be negative
  std::int64_t ctime_ns = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// A run of bytes in a sparse file that is not stored and reads as zeros.
struct Hole {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  friend bool operator==(const Hole&, const Hole&) = default;
};

inline constexpr std::size_t kHolesMax = 4'096;  // of one file: what a node has room for

/// The largest `count` of some holes, in their order. The others are stored as the zeros they are.
std::vector<Hole> largest_holes(std::vector<Hole> holes, std::size_t count);

/// Owns a descriptor and closes it.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  /// Opens the folder that collection starts from; its own path may have links.
  static Result<OpenFile> open_folder(const std::string& path);

  /// Opens the regular file `path` below this folder: names joined by '/', no `.`, no `..`, no
  /// empty name, and no link anywhere on the way.
  ///
  ///   fails   invalid_input for such a path, or when it names no regular file
  ///           not_found when nothing has this name, denied or unavailable when it cannot be read
  Result<OpenFile> open_below(std::string_view path) const;

  int descriptor() const { return descriptor_; }
  Result<FileStamp> stamp() const;

  /// Fills `target` from `offset`; unavailable when the file is shorter or cannot be read.
  Result<> read_at(std::uint64_t offset, ByteSpan target) const;

  /// The kHolesMax largest holes of this file, in order; none where the file system does not tell.
  Result<std::vector<Hole>> holes(std::uint64_t size) const;

 private:
  int descriptor_ = -1;
};

/// The stamp of an open file.
Result<FileStamp> stamp(int descriptor);

/// A file with its head in memory, ready to be recognised; keeps what the sample borrows.
class OpenSample {
 public:
  /// Borrows `file`, which outlives this.
  static Result<OpenSample> from(const OpenFile& file);

  /// Lives as long as this and the file.
  Sample sample() const;

 private:
  const OpenFile* file_ = nullptr;
  std::uint64_t size_ = 0;
  Bytes head_;
};

}  // namespace amanat::phone
