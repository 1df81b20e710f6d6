#pragma once

// What kind of file some bytes are, as far as body signatures ask (their "target").

#include <cstdint>

#include "amanat/bytes/bytes.h"

namespace amanat::scan {

/// The numbers are ClamAV's.
enum class Target : std::uint8_t {
  any = 0,
  pe = 1,
  ole2 = 2,
  html = 3,
  mail = 4,
  graphics = 5,
  elf = 6,
  ascii = 7,
  macho = 9,
  pdf = 10,
  flash = 11,
  java = 12,
};

/// This many first bytes decide.
inline constexpr std::size_t kHeadBytes = 4096;

/// The kind of a file that begins with `head`; `any` when it is none of these. Mail is never told,
/// for it has no magic; text is told by the absence of control bytes.
Target target_of(ByteView head);

/// Writes text as body signatures for target 7 expect it: runs of white space become one space,
/// capitals small, and bytes outside ASCII vanish. Keeps what it must between pieces.
class TextNormaliser {
 public:
  /// The normal form of the next piece; lives until the next call.
  ByteView feed(ByteView piece);

 private:
  Bytes normal_;
  bool after_space_ = false;
};

}  // namespace amanat::scan
