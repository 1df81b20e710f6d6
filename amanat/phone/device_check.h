#pragma once

// Looks for traces of spyware, stalkerware and malware in what a phone holds, without the network:
// messages, browsing histories, downloads, lists of apps, processes and properties, app packages
// and files, compared with public indicators.
//
//   auto loaded = indicator::load_indicators({"lists"});
//   auto report = check_device({"phone"}, loaded->indicators, progress);
//   for (const DeviceFinding& finding : report->findings) show(finding);
//
// Nothing of the person's is changed: a database is copied, with its write-ahead log, into a
// private folder that is gone when the check ends, and read there. A finding says which indicator
// was seen and where, and nothing else of a message or page.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/indicator/check.h"
#include "amanat/indicator/explain.h"
#include "amanat/phone/open_file.h"
#include "amanat/phone/progress.h"

namespace amanat::phone {

inline constexpr std::size_t kDeviceFindingsMax = 10'000;
inline constexpr std::uint64_t kDeviceTextBytesMax = std::uint64_t{64} << 20;

/// What a trace was found in.
enum class DeviceThing : std::uint8_t {
  message,
  visited_page,  // and what belongs to browsing: cookies, open tabs
  download,
  app,   // installed, or its package in a file
  file,  // its name, its place or its content
  process,
  property,
  record,  // of another database
  text,    // of another text file
};

/// `message`, `visited_page`, ...: as in reports.
std::string_view name_of(DeviceThing thing);

struct DeviceFinding {
  DeviceThing thing = DeviceThing::file;
  std::string file;                 // below the path that was given
  std::string table;                // of a database; else empty
  std::optional<std::int64_t> row;  // of the table; the line of a text
  std::optional<Instant> time;      // as the record says
  std::uint64_t times = 1;  // the same indicator in this file and table; row and time: the first
  indicator::Hit hit;
  std::vector<indicator::Ability> abilities;  // of an app, from its permissions
  std::optional<bool> is_sideloaded;          // of an app: installed from outside the known shops

  /// What it means and what to do.
  const indicator::Explanation& explanation() const {
    return indicator::explain(hit.collection.threat_class);
  }
};

struct DeviceUnread {
  std::string file;
  std::string reason;  // "the database is damaged", "binary XML", ...
};

struct DeviceReport {
  std::vector<DeviceFinding> findings;
  std::vector<DeviceUnread> unread;  // what may hold traces and could not be read
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t databases = 0;
  std::uint64_t rows = 0;  // of databases, as far as columns of interest go
  std::uint64_t apps = 0;  // named in lists of apps, and packages in files
  std::uint64_t texts = 0;
  bool is_cut = false;  // more findings than are kept
};

/// Tells what an app package in a file says about itself: its name and its verified certificates.
/// The app's `sha256` is filled in by the check.
using ReadPackage = std::function<Result<indicator::App>(const OpenFile& package)>;

struct DeviceCheckOptions {
  ReadPackage read_package = {};       // empty: packages are known by their hash only
  std::filesystem::path scratch = {};  // for private copies of databases; empty: the system's
};

/// Checks files, and folders with all that is in them; links are not followed.
///
///   fails   not_found when a path names nothing; unavailable when there is no room for copies
Result<DeviceReport> check_device(const std::vector<std::filesystem::path>& paths,
                                  const indicator::Indicators& indicators, Progress& progress,
                                  const DeviceCheckOptions& options = {});

}  // namespace amanat::phone
