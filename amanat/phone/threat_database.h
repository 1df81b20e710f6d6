#pragma once

// The signatures that this phone scans with.

#include <filesystem>

#include "amanat/error/error.h"
#include "amanat/scan/scan.h"

namespace amanat::phone {

/// Those in the folder `threats` of a home, compiled once and mapped from then on; the built-in one
/// alone when there is no such folder. Needs no lock on the home.
Result<scan::Database> load_threats(const std::filesystem::path& home);

}  // namespace amanat::phone
