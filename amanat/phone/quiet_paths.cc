#include "amanat/phone/quiet_paths.h"

#include <algorithm>
#include <utility>

namespace amanat::phone {

void QuietPaths::note(Change change, Time now) {
  const bool all = change.what == Change::What::everything;
  if (!all && pending_.contains("")) return;
  if (all || pending_.size() >= kPathsMax) {
    // The clock of an `everything` that waits already goes on: a flood must not put it off for
    // ever.
    const auto before = pending_.find("");
    const Time first = before == pending_.end() ? now : before->second.first;
    pending_.clear();
    pending_.emplace("", Pending{Change::What::everything, first, now});
    return;
  }
  const auto [place, added] =
      pending_.try_emplace(std::move(change.path), Pending{change.what, now, now});
  if (added) return;
  place->second.what = std::max(place->second.what, change.what);
  place->second.last = now;
}

std::vector<Change> QuietPaths::take(Time now) {
  std::vector<Change> ready;
  for (auto place = pending_.begin(); place != pending_.end();) {
    if (due(place->second) > now) {
      ++place;
      continue;
    }
    ready.push_back({place->second.what, place->first});
    place = pending_.erase(place);
  }
  return ready;
}

std::optional<QuietPaths::Time> QuietPaths::next() const {
  std::optional<Time> earliest;
  for (const auto& [path, pending] : pending_) {
    const Time time = due(pending);
    if (!earliest || time < *earliest) earliest = time;
  }
  return earliest;
}

}  // namespace amanat::phone
