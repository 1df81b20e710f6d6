// What the two sides of a link say first has one spelling each.

#include "amanat/sandbox/link.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  using namespace amanat::sandbox;
  const ByteView bytes(data, size);
  const Bytes copy(bytes.begin(), bytes.end());
  if (const auto limits = decode_limits(bytes)) {
    ensure(encode_limits(*limits) == copy, "limits have one spelling");
  }
  if (const auto confinement = decode_confinement(bytes)) {
    ensure(encode_confinement(*confinement) == copy, "a confinement has one spelling");
  }
  return 0;
}
