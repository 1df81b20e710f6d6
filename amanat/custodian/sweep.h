#pragma once

// What happens with time: packs that no commit named go, keyrings that were superseded go, and the
// data of a consent that has ended is erased, at a random moment within the configured days. An
// erasure is in the log, durably, before its bytes go.

#include <cstdint>
#include <vector>

#include "amanat/custodian/world.h"
#include "amanat/error/error.h"

namespace amanat::custodian {

struct SweepReport {
  std::uint64_t uncommitted = 0;  // packs deleted because no commit named them
  std::uint64_t keyrings = 0;     // versions destroyed
  std::uint64_t scheduled = 0;    // packs that got a date for their erasure
  std::uint64_t erased = 0;       // packs erased, their erasure logged
  std::uint64_t orphans = 0;      // bytes without a record, left by a crash
  std::uint64_t left = 0;         // bytes that had to go and could not be removed yet
  std::vector<Error> failures{};  // what could not be done; everything else was
};

/// One round. May be stopped and repeated at any point.
SweepReport sweep(const World& world);

/// Removes bytes that no record needs: those of erased packs, and what nobody has named for
/// kOrphanKept. Looks at every blob: for the start of a process, once a day, and after a removal
/// has failed. True when nothing stood in the way.
bool remove_orphans(const World& world, SweepReport& report);

}  // namespace amanat::custodian
