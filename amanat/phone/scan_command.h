#pragma once

// Scans files where they lie, without a vault: `amanat scan PATH...`.
//
//   auto report = scan_paths(*examiner, {"Download"}, {.cache = &cache}, clock, progress);
//
// With a cache a file that has not changed costs one stat: it is not opened, and what was found in
// it earlier is told again. A content that is known under another name is read and not examined.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/indicator/check.h"
#include "amanat/phone/pacer.h"
#include "amanat/phone/progress.h"
#include "amanat/phone/quarantine.h"
#include "amanat/phone/verdict_cache.h"
#include "amanat/scan/examiner.h"

namespace amanat::phone {

struct ScannedFile {
  std::string path;
  scan::Verdict verdict;
  std::optional<indicator::App> app = {};  // what a threat that is a package says about itself
  std::optional<QuarantineId> put_away;
  std::string left_because;  // of a threat that was to be put away and is still there
};

struct ScanReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t unchanged_files = 0;  // of `files`: as the cache knew them
  std::vector<ScannedFile> findings;  // threats, and what was not fully scanned
  std::vector<std::string> unreadable;
  bool is_cut = false;                 // it was told to stop
  std::optional<CarriedOver> carried;  // verdicts, when the database is new since the last scan
  std::string cache_problem;           // why the cache was not used to the end

  bool has_threats() const;
  /// Whether every file could be read and examined, if not to its end.
  bool is_complete() const;
};

/// Puts a threat away that is still as it was when it was examined.
using PutThreatAway = std::function<Result<PutAway>(
    const std::filesystem::path& path, const FileStamp& examined, const scan::Verdict& verdict)>;

/// All borrowed or empty.
struct ScanOptions {
  VerdictCache* cache = nullptr;               // none: every file is examined
  scan::Limits limits = {};                    // those of the examiner: a verdict depends on them
  scan::Stop stop = scan::Stop::first_threat;  // likewise
  PutThreatAway put_away = {};                 // empty: threats stay where they are
  Pacer* pacer = nullptr;                      // rests between files
  std::function<bool()> should_stop = {};
};

/// What verdicts of this examiner depend on.
ScanVersions versions_of(const scan::Examiner& examiner, const scan::Limits& limits,
                         scan::Stop stop);

/// Scans files, and folders with all that is in them; links in folders are not followed.
///
///   fails   not_found when a path names nothing; as `collect` when a folder cannot be read
Result<ScanReport> scan_paths(scan::Examiner& examiner,
                              const std::vector<std::filesystem::path>& paths,
                              const ScanOptions& options, const Clock& clock, Progress& progress);

}  // namespace amanat::phone
