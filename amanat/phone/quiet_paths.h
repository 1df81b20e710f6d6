#pragma once

// Paths that changed, given out once they have been quiet for a while: a program that writes a file
// in many steps costs one scan, not many. One that never rests is given out all the same after
// `wait_max`.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace amanat::phone {

struct Change {
  enum class What : std::uint8_t {
    file,        // written and closed, moved or linked here
    folder,      // new or moved here: with all that is below
    unwatched,   // a folder that cannot be watched, with all below: to be scanned now and then
    everything,  // events were lost: all folders that are watched; no path
  };
  What what = What::file;
  std::string path;  // absolute
  friend bool operator==(const Change&, const Change&) = default;
};

class QuietPaths {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kPathsMax = 65'536;  // more at one time: everything

  QuietPaths(std::chrono::milliseconds quiet, std::chrono::milliseconds wait_max)
      : quiet_(quiet), wait_max_(wait_max) {}

  /// Notes a change. Of two kinds of change of one path the later enumerator stands; `everything`
  /// makes all others superfluous.
  void note(Change change, Time now);

  /// Takes what has been quiet, or waited, for long enough.
  std::vector<Change> take(Time now);

  /// When something will be ready next; nothing when there is nothing.
  std::optional<Time> next() const;

 private:
  struct Pending {
    Change::What what = Change::What::file;
    Time first;
    Time last;
  };
  Time due(const Pending& pending) const {
    return std::min(pending.last + quiet_, pending.first + wait_max_);
  }

  std::chrono::milliseconds quiet_;
  std::chrono::milliseconds wait_max_;
  std::unordered_map<std::string, Pending> pending_;  // `everything` has the empty path
};

}  // namespace amanat::phone
