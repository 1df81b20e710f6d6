#include "amanat/phone/watch_command.h"

#include <map>
#include <utility>

namespace amanat::phone {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

class WatchRun {
 public:
  WatchRun(scan::Examiner& examiner, const WatchWork& work, const Clock& clock)
      : examiner_(examiner), work_(work), clock_(clock) {
    std::error_code problem;
    if (!work.home.empty()) home_ = fs::weakly_canonical(work.home, problem).string();
  }

  Result<WatchReport> run() {
    auto watch = Watch::start(work_.folders, work_.watch);
    if (!watch) return carry(watch);
    work_.on_start(*watch);
    while (!should_stop()) {
      std::vector<Change> changes;
      auto waited =
          watch->wait(work_.look_up, [&](const Change& change) { changes.push_back(change); });
      if (!waited) return carry(waited);
      for (const Change& change : changes) take(change);
      scan_unwatched();
    }
    return report_;
  }

 private:
  bool should_stop() const { return work_.scan.should_stop && work_.scan.should_stop(); }

  // The cache is written after each scan: examining that would never end.
  bool is_ours(std::string_view path) const {
    return !home_.empty() && path.starts_with(home_)
           && (path.size() == home_.size() || path[home_.size()] == '/');
  }

  void take(const Change& change) {
    if (is_ours(change.path)) return;
    switch (change.what) {
      case Change::What::unwatched: unwatched_[change.path] = steady_clock::now(); [[fallthrough]];
      case Change::What::file:
      case Change::What::folder: return scan({change.path});
      case Change::What::everything: return scan(work_.folders);
    }
  }

  void scan_unwatched() {
    for (auto& [path, scanned_at] : unwatched_) {
      if (steady_clock::now() - scanned_at < work_.scan_unwatched_after) continue;
      scan({path});
      scanned_at = steady_clock::now();
    }
  }

  // What is gone again, or is a folder that cannot be read, is nothing to examine.
  void scan(const std::vector<fs::path>& paths) {
    if (should_stop()) return;
    auto scanned = scan_paths(examiner_, paths, work_.scan, clock_, quiet_);
    if (!scanned) return;
    report_.files += scanned->files;
    for (const ScannedFile& file : scanned->findings) {
      if (file.verdict.kind == scan::Verdict::Kind::threat) ++report_.threats;
      if (file.put_away) ++report_.put_away;
      work_.on_finding(file);
    }
  }

  scan::Examiner& examiner_;
  const WatchWork& work_;
  const Clock& clock_;
  std::string home_;
  std::map<std::string, steady_clock::time_point> unwatched_;  // and when they were scanned
  Progress quiet_;
  WatchReport report_;
};

}  // namespace

Result<WatchReport> watch_folders(scan::Examiner& examiner, const WatchWork& work,
                                  const Clock& clock) {
  return WatchRun(examiner, work, clock).run();
}

}  // namespace amanat::phone
