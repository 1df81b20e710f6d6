// Looking into any help file comes to an end within the budget, and says the same twice: the bytes
// as a file, and as the packed stream of a file that is right.

#include "amanat/unpack/fuzz_unpack.h"
#include "amanat/unpack/test_chm.h"

using namespace amanat;
using namespace amanat::unpack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz_unpack(Kind::chm, {data, size});
  ChmMaker maker;
  maker.add_stream({data, size});
  maker.add("/page.htm", 1, 0, kChmFrameBytes);
  maker.add("/part.htm", 1, 100, 200);
  fuzz_unpack(Kind::chm, maker.make());
  return 0;
}
