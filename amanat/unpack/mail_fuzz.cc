// Looking into any message comes to an end within the budget, and says the same twice.
//
// libFuzzer: -max_len=512

#include "amanat/unpack/fuzz_unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  amanat::unpack::fuzz_unpack(amanat::unpack::Kind::mail, {data, size});
  return 0;
}
