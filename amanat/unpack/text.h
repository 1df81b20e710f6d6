#pragma once

// Text as body signatures for ASCII files (ClamAV's target 7) expect it.
//
// Runs of white space become one space, capitals small, and all other bytes outside 0x21 to 0x7f
// vanish; what vanishes does not end a run.

#include <cstdint>
#include <memory>

#include "amanat/bytes/bytes.h"
#include "amanat/unpack/file_type.h"

namespace amanat::unpack {

/// Text of more bytes than this has no normal form.
inline constexpr std::size_t kTextBytesMax = 20UL << 20;

/// Normalises piece by piece; keeps between pieces what it must.
class TextNormaliser {
 public:
  /// The normal form of the next piece; lives until the next call.
  ByteView feed(ByteView piece);
  /// The normal form of a text of its own; lives until the next call.
  ByteView whole(ByteView text);

 private:
  std::unique_ptr<std::uint8_t[]> memory_;  // kept between pieces
  std::size_t capacity_ = 0;
  std::uint8_t last_ = 0;  // the last byte that stayed
};

/// The normal form of a whole text; UTF-16 is cut to ASCII first.
Bytes normalise_text(Kind kind, ByteView text);

/// The ASCII in UTF-16 text: characters below 0x80 as one byte, all others left out.
Bytes cut_utf16_to_ascii(ByteView text, bool big_endian);

}  // namespace amanat::unpack
