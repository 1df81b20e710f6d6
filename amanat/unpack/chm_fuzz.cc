// Looking into any help file comes to an end within the budget, and says the same twice.

#include "amanat/unpack/fuzz_unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  amanat::unpack::fuzz_unpack(amanat::unpack::Kind::chm, {data, size});
  return 0;
}
