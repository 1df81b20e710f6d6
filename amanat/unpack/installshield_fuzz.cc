// Looking at whatever lies behind a program comes to an end within the budget, as files laid there
// by InstallShield and as the header of a cabinet.

#include "amanat/unpack/installshield.h"

#include <array>

#include "amanat/unpack/fuzz_unpack.h"
#include "amanat/unpack/shield_cabinet.h"

using namespace amanat;
using namespace amanat::unpack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr Limits kLimits{.entries_max = 256,
                           .bytes_max = 1ULL << 20,
                           .object_bytes_max = 1ULL << 18,
                           .memory_bytes_max = 1ULL << 22};
  const ByteView bytes(data, size);
  const ManualClock clock{Instant{}};
  Budget budget(kLimits, clock);
  const OnFound on_found = [](const Found&) { return true; };
  Outcome outcome;
  Walk walk{.budget = budget, .on_found = on_found, .outcome = outcome};
  unpack_installshield(bytes, 0, walk);
  const auto volumes = std::to_array<ShieldVolume>({{.number = 1, .bytes = bytes}});
  unpack_shield_cabinet(bytes, volumes, walk);
  ensure(outcome.entries <= kLimits.entries_max, "entries keep their limit");
  ensure(budget.bytes_taken() <= kLimits.bytes_max, "all bytes keep their limit");
  return 0;
}
