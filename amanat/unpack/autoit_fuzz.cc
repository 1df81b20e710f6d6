// Looking into any program made of scripts comes to an end within the budget, and says the same
// twice. The bytes are put behind the mark of either version, and read as a script too.

#include "amanat/unpack/autoit_script.h"
#include "amanat/unpack/fuzz_unpack.h"

using namespace amanat;
using namespace amanat::unpack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes object{0xa3, 0x48, 0x4b, 0xbe, 0x98, 0x6c, 0x4a, 0xa9,
               0x99, 0x4c, 0x53, 0x0a, 0x86, 0xd6, 0x48, 0x7d};
  append(object, as_bytes(data[0] % 2 == 0 ? "AU3!EA05" : "AU3!EA06"));
  append(object, ByteView(data, size).subspan(1));
  fuzz_unpack(Kind::unknown, object);

  constexpr Limits kLimits{.object_bytes_max = 1U << 16};
  const ManualClock clock{Instant{}};
  Budget budget(kLimits, clock);
  Output text(budget);
  text.begin(size);
  decompile_autoit({data, size}, text);
  ensure(text.size() <= kLimits.object_bytes_max, "a script keeps its limit");
  return 0;
}
