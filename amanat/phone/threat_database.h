#pragma once

// The signatures that this phone scans with.

#include <filesystem>

#include "amanat/error/error.h"
#include "amanat/scan/scan.h"

namespace amanat::phone {

/// Those in `folder` and the built-in one; the built-in one alone when there is no such folder.
Result<scan::Database> load_threats(const std::filesystem::path& folder);

}  // namespace amanat::phone
