#pragma once

// The signatures that this phone scans with.

#include <filesystem>

#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/phone/verdict_cache.h"
#include "amanat/scan/scan.h"

namespace amanat::phone {

/// Those in the folder `threats` of a home, compiled once and mapped from then on; the built-in one
/// alone when there is no such folder. Needs no lock on the home.
Result<scan::Database> load_threats(const std::filesystem::path& home);

/// A compiled database that somebody names. Its checksum is compared the first time and after every
/// change, as far as `cache` remembers; without one, each time.
///
///   fails   as scan::Database::open; corrupt when it is not what was written
Result<scan::Database> open_named_threats(const std::filesystem::path& file, VerdictCache* cache,
                                          const Clock& clock);

}  // namespace amanat::phone
