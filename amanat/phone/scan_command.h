#pragma once

// Scans files where they lie, without a vault: `amanat scan PATH...`.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/progress.h"
#include "amanat/scan/examiner.h"

namespace amanat::phone {

struct ScannedFile {
  std::string path;
  scan::Verdict verdict;
};

struct ScanReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<ScannedFile> findings;  // threats, and what was not fully scanned
  std::vector<std::string> unreadable;

  bool has_threats() const;
  /// Whether every file could be read and examined, if not to its end.
  bool is_complete() const;
};

/// Scans files, and folders with all that is in them.
Result<ScanReport> scan_paths(scan::Examiner& examiner,
                              const std::vector<std::filesystem::path>& paths, Progress& progress);

}  // namespace amanat::phone
