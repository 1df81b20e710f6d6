// Looking into any compound file comes to an end within the budget, and says the same twice.
//
// libFuzzer: -max_len=4096 (sectors of 512 bytes)

#include "amanat/unpack/fuzz_unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  amanat::unpack::fuzz_unpack(amanat::unpack::Kind::ole2, {data, size});
  return 0;
}
