#pragma once

// Examines files as they arrive: `amanat watch FOLDER...`.
//
// A file is examined once it has been quiet for a moment after it was written, and can be used
// before: nobody is made to wait. Folders that cannot be watched are scanned now and then instead.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/phone/scan_command.h"
#include "amanat/phone/watch.h"

namespace amanat::phone {

struct WatchReport {
  std::uint64_t files = 0;    // examined, each time it changed
  std::uint64_t threats = 0;  // told
  std::uint64_t put_away = 0;
};

struct WatchWork {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path home;  // what the phone itself writes there is not examined; may be empty
  ScanOptions scan;            // should_stop ends the watch
  WatchOptions watch;
  std::chrono::milliseconds look_up{500};         // how often it is asked whether to stop
  std::chrono::minutes scan_unwatched_after{15};  // a folder that cannot be watched
  std::function<void(const Watch&)> on_start = [](const Watch&) {};
  std::function<void(const ScannedFile&)> on_finding;
};

/// Watches until `scan.should_stop` says so.
///
///   fails   as Watch::start, or when the system stops telling
Result<WatchReport> watch_folders(scan::Examiner& examiner, const WatchWork& work,
                                  const Clock& clock);

}  // namespace amanat::phone
