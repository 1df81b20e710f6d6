// What reads as hexadecimal or base64 is written as the same text, and every text of bytes is read
// as those bytes.

#include "amanat/bytes/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  const ByteView input(data, size);
  const std::string_view text = as_text(input);
  const Bytes bytes(input.begin(), input.end());
  if (const auto read = from_hex(text)) ensure(to_hex(*read) == text, "hex has one spelling");
  if (const auto read = from_base64(text)) {
    ensure(to_base64(*read) == text, "base64 has one spelling");
  }
  if (const auto read = from_base64url(text)) {
    ensure(to_base64url(*read) == text, "base64url has one spelling");
  }
  ensure(*from_hex(to_hex(bytes)) == bytes, "hex keeps the bytes");
  ensure(*from_base64(to_base64(bytes)) == bytes, "base64 keeps the bytes");
  ensure(*from_base64url(to_base64url(bytes)) == bytes, "base64url keeps the bytes");
  return 0;
}
