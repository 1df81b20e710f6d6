#pragma once

// Compound files [MS-CFB]: the file system in one file that old Office documents, installers and
// VBA projects are.
//
// Sectors hang together in chains; a chain that is longer than there are sectors goes in a circle
// and is cut. The tree of folders is not needed: every stream is found in the flat directory, those
// that no folder lists too.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/unpack/walk.h"

namespace amanat::unpack {

inline constexpr std::size_t kOle2StreamsMax = 65'536;

class Ole2 {
 public:
  struct Stream {
    std::string name;  // UTF-8; control characters stay
    std::uint64_t size = 0;
    std::uint32_t start = 0;  // its first sector
  };

  /// Reads the tables; borrows `object`.
  ///
  ///   fails   invalid_input when the header is none or there is no directory
  static Result<Ole2> open(ByteView object);

  const std::vector<Stream>& streams() const { return streams_; }
  /// Whether tables or chains were broken.
  bool is_damaged() const { return damaged_; }

  /// The content of a stream: a view where its sectors lie in a row, else copied to `output`, which
  /// has begun.
  struct Content {
    End end = End::whole;
    ByteView bytes;
    std::uint64_t position = 0;  // of its first byte
  };
  Content read(const Stream& stream, Output& output) const;

 private:
  using Chain = std::vector<std::uint32_t>;

  Ole2() = default;
  void read_fat(ByteView object);
  void read_mini_fat(std::uint32_t first);
  void read_directory(std::uint32_t first);
  ByteView sector(std::uint32_t index) const;
  /// The sectors from `start`, at most `count_max`; `whole` says whether the chain ended or was
  /// long enough.
  static Chain follow(const std::vector<std::uint32_t>& table, std::uint32_t start,
                      std::uint64_t count_max, bool& whole);

  ByteView object_;
  std::size_t sector_bytes_ = 512;
  std::size_t mini_bytes_ = 64;
  std::uint64_t mini_stream_below_ = 4096;
  std::vector<std::uint32_t> fat_;
  std::vector<std::uint32_t> mini_fat_;
  Chain mini_sectors_;  // of the stream that holds all small streams
  std::vector<Stream> streams_;
  bool damaged_ = false;
};

}  // namespace amanat::unpack
