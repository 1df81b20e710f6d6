#include "amanat/unpack/text.h"

namespace amanat::unpack {

ByteView TextNormaliser::feed(ByteView piece) {
  normal_.clear();
  for (const std::uint8_t byte : piece) {
    if (byte == ' ' || (byte >= '\t' && byte <= '\r')) {
      if (!after_space_) normal_.push_back(' ');
      after_space_ = true;
    } else if (byte > ' ' && byte < 0x80) {
      normal_.push_back(byte >= 'A' && byte <= 'Z' ? byte + 0x20 : byte);
      after_space_ = false;
    }
  }
  return normal_;
}

}  // namespace amanat::unpack
