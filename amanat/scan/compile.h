#pragma once

// From files of signatures to one database.

#include <filesystem>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/scan/scan.h"
#include "amanat/threat/threat.h"

namespace amanat::scan {

/// The EICAR test file alone.
Result<Database> compile_builtin();

/// What a database says about its making, in the words of this module.
LoadReport report_of(const threat::Database& threats);

/// Names the files of a folder by name, size and time of change: another stamp, another content.
Result<Bytes> stamp_of(const std::filesystem::path& folder);

}  // namespace amanat::scan
