#pragma once

// A small reader of tar archives (POSIX ustar), as sets of signatures are packed in.
//
// Blocks of 512 bytes come one at a time. A header names a member and its size, its content follows
// in whole blocks; two blocks of zeros, or the end of the input, end the archive. Plain files with
// plain names are members; folders and the like are passed over; anything else is refused.

#include <cstdint>
#include <string>

#include "amanat/signature/cvd.h"

namespace amanat::signature {

class TarReader {
 public:
  static constexpr std::size_t kBlockSize = 512;

  explicit TarReader(const OnMember& on_member) : on_member_(on_member) {}

  /// Takes the next piece of the archive, of any size; false when no more is wanted.
  Result<bool> feed(ByteView piece);

  /// Says whether the archive ended where it may.
  Result<> finish() const;

 private:
  Result<bool> take_block(ByteView block);
  Result<bool> take_header(ByteView block);
  Result<bool> end_member();

  const OnMember& on_member_;
  Bytes partial_;           // of a block
  std::string name_;        // of the member that is being read; empty: it is passed over
  Bytes content_;           // what has come of it
  std::uint64_t left_ = 0;  // what is still to come
  std::uint64_t total_ = 0;
  std::size_t members_ = 0;
  bool is_member_ = false;
  bool has_ended_ = false;
};

}  // namespace amanat::signature
