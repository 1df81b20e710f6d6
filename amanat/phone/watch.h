#pragma once

// Tells which files change, so that they are scanned when they arrive and not once a day.
//
//   fanotify   where we may (CAP_SYS_ADMIN): one mark a file system, folders cost nothing
//   inotify    otherwise: one watch a folder, as many as the system and `watches_max` allow
//
// It watches and never blocks anybody: a file can be used before it was scanned. What cannot be
// watched, and events that were lost, are changes of their own (quiet_paths.h), so that the caller
// scans there; nothing is missed in silence, except what is written by mapping a file that stays
// open, or below the file system (another machine's writes to a network drive).
//
// Links are not followed, other file systems below a folder are not entered.
//
//   auto watch = Watch::start({folder}, {});
//   scan(folder);                             // what was there before
//   for (;;) watch->wait(std::chrono::seconds(10), [&](const Change& change) { ... });

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/quiet_paths.h"

namespace amanat::phone {

struct WatchOptions {
  std::chrono::milliseconds quiet{500};        // since the last change of a path
  std::chrono::milliseconds wait_max{10'000};  // of a path that never rests
  std::size_t watches_max = 100'000;           // of inotify; some 1 KiB of the kernel's memory each
  bool without_fanotify = false;
};

using OnChange = std::function<void(const Change& change)>;

/// Where events come from.
class WatchSource {
 public:
  WatchSource() = default;
  WatchSource(const WatchSource&) = delete;
  WatchSource& operator=(const WatchSource&) = delete;
  virtual ~WatchSource() = default;
  virtual std::string_view name() const = 0;  // "fanotify", "inotify"
  virtual int descriptor() const = 0;         // readable when there are events
  virtual std::size_t watch_count() const = 0;
  /// Gives on what there is, without waiting.
  virtual Result<> read(const OnChange& on_change) = 0;
};

class Watch {
 public:
  /// Watches these folders and all below from now on.
  ///
  ///   fails   not_found or denied when one of them cannot be opened
  ///           unavailable when the system has no way to watch
  static Result<Watch> start(const std::vector<std::filesystem::path>& folders,
                             const WatchOptions& options);

  /// Waits until something has changed and is quiet, or `patience` is over.
  Result<> wait(std::chrono::milliseconds patience, const OnChange& on_change);

  std::string_view source() const { return source_->name(); }
  std::size_t watch_count() const { return source_->watch_count(); }

 private:
  Watch(std::unique_ptr<WatchSource> source, const WatchOptions& options)
      : source_(std::move(source)), changes_(options.quiet, options.wait_max) {}
  Result<> take_events();

  std::unique_ptr<WatchSource> source_;
  QuietPaths changes_;
};

/// Folders without links in their own paths.
using WatchedFolders = std::vector<std::filesystem::path>;

/// Fails where this process may not use fanotify, or a file system cannot be marked.
Result<std::unique_ptr<WatchSource>> watch_by_fanotify(const WatchedFolders& folders);

/// Folders that cannot be watched are changes of the first `read`.
Result<std::unique_ptr<WatchSource>> watch_by_inotify(const WatchedFolders& folders,
                                                      std::size_t watches_max);

}  // namespace amanat::phone
