#include "amanat/threat/pattern_search.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <limits>

#include "amanat/threat/probe_scan.h"

namespace amanat::threat {
namespace {
using signature::Positions;

constexpr std::uint64_t kFewPlaces = 16;  // trying them all costs less than searching
constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kPlaceSteps = 8;  // the cost of keeping a place

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a > kEndless - b ? kEndless : a + b;
}
std::uint64_t saturating_subtract(std::uint64_t a, std::uint64_t b) { return a < b ? 0 : a - b; }

class PlaceSearch {
 public:
  PlaceSearch(const PartCode& part, Text text, Positions range, Work& work,
              std::vector<Place>& places)
      : part_(part),
        text_(text.bytes),
        read_(text.read),
        range_(range),
        work_(work),
        places_(places) {}

  void run() {
    if (text_.size() < part_.length_min) return;
    range_.last = std::min(range_.last, text_.size() - part_.length_min);
    if (range_.first > range_.last) return;
    const bool few = range_.last - range_.first < kFewPlaces;
    if (few || part_.probe.count == 0) {
      try_all();
    } else {
      search_probe();
    }
  }

  /// Looks only where a window of the text is.
  void look(const Window& window) {
    const Probe& probe = part_.probe;
    if (text_.size() < probe.count || probe.count == 0) return;
    const std::uint64_t first = saturating_add(range_.first, probe.distance_min);
    const std::uint64_t last =
        std::min(saturating_add(range_.last, std::uint64_t{probe.distance_min} + probe.spread),
                 text_.size() - probe.count);
    const std::uint64_t begin = std::max(first, window.begin);
    const std::uint64_t end = std::min(last + 1, window.end);
    if (begin >= end || !work_.spend(end - begin)) return;
    search_window(window, begin, end, 0);
  }

 private:
  void try_all() {
    for (std::uint64_t begin = range_.first; begin <= range_.last; ++begin) {
      if (!work_.spend(1)) return;
      try_at(begin);
    }
  }

  void try_at(std::uint64_t begin) {
    const auto end = match_part(part_, text_, begin, work_);
    if (end && work_.spend(kPlaceSteps)) places_.push_back({begin, *end});
  }

  // Looks for the probe in every place it may have, and tries the beginnings it stands for.
  void search_probe() {
    const Probe& probe = part_.probe;
    const std::size_t before = places_.size();
    const std::uint64_t first = range_.first + probe.distance_min;
    const std::uint64_t last =
        std::min(range_.last + probe.distance_min + probe.spread, text_.size() - probe.count);
    if (first > last || !work_.spend(last - first)) return;
    const bool is_wide = last - first >= kWorthReading;
    const ReadWindow shifted = [&](std::uint64_t begin, std::size_t size) {
      return (*read_)(first + begin, size);
    };
    for_each_window(text_.subspan(first, last - first + probe.count),
                    read_ != nullptr && is_wide ? &shifted : nullptr, kProbeBytesMax,
                    [&](const Window& window) {
                      const std::uint64_t end = std::min(window.end, last - first + 1);
                      return window.begin >= end || search_window(window, window.begin, end, first);
                    });
    if (probe.spread == 0) return;
    const auto added = places_.begin() + static_cast<std::ptrdiff_t>(before);
    std::sort(added, places_.end());
    places_.erase(std::unique(added, places_.end()), places_.end());
  }

  // For probes that begin in [begin, end); both and the window's places count from `shift`.
  bool search_window(const Window& window, std::uint64_t begin, std::uint64_t end,
                     std::uint64_t shift) {
    const ProbeScan scan(part_.probe, window.bytes);
    const std::uint64_t last = end - window.begin - 1;
    for (std::uint64_t at = scan.next(begin - window.begin, last); at <= last;
         at = scan.next(at + 1, last)) {
      try_around(shift + window.begin + at);
      if (work_.used_up()) return false;
    }
    return true;
  }

  void try_around(std::uint64_t position) {
    for (std::uint64_t i = 0; i <= part_.probe.spread; ++i) {
      const std::uint64_t distance = std::uint64_t{part_.probe.distance_min} + i;
      if (distance > position || !work_.spend(1)) return;
      if (range_.contains(position - distance)) try_at(position - distance);
    }
  }

  const PartCode& part_;
  ByteView text_;
  const ReadWindow* read_;
  Positions range_;
  Work& work_;
  std::vector<Place>& places_;
};

// Where a pattern may begin in few places, most texts show at once that it does not.
bool may_begin(ByteView pattern, ByteView text, Positions range, Work& work) {
  const auto first = PatternReader(pattern).next();
  if (!first) return true;
  const std::uint64_t last = std::min<std::uint64_t>(range.last, text.size());
  for (std::uint64_t begin = range.first; begin <= last; ++begin) {
    if (!work.spend(1)) return true;
    if (match_part(*first, text, begin, work)) return true;
  }
  return false;
}

// Ranges in order, those that touch made one, so that no position is looked at twice.
std::vector<Positions> join(std::vector<Positions> ranges) {
  std::ranges::sort(ranges, {}, &Positions::first);
  std::vector<Positions> joined;
  for (const Positions& range : ranges) {
    if (!joined.empty() && range.first <= saturating_add(joined.back().last, 1)) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

std::vector<Place> find_in(const PartCode& part, Text text, std::vector<Positions> ranges,
                           Work& work) {
  std::vector<Place> places;
  for (const Positions& range : join(std::move(ranges))) {
    if (work.used_up()) break;
    PlaceSearch(part, text, range, work, places).run();
  }
  return places;
}

class PatternSearch {
 public:
  PatternSearch(ByteView pattern, Text text, Positions range, Work& work)
      : text_(text), range_(range), work_(work) {
    PatternReader reader(pattern);
    while (auto part = reader.next()) parts_.push_back(*part);
    if (parts_.size() != reader.part_count()) parts_.clear();
    places_.resize(parts_.size());
  }

  std::vector<PatternMatch> run(const KnownPart* known) {
    if (parts_.empty()) return {};
    std::size_t pivot = 0;
    if (known != nullptr && known->part < parts_.size()) {
      pivot = known->part;
      places_[pivot] = known->places;
      if (known->following) following_ = &*known->following;
    } else {
      pivot = easiest_part();
      places_[pivot] = find_in(parts_[pivot], text_, {range_of(pivot)}, work_);
    }
    if (pivot == 0) std::erase_if(places_[0], [&](const Place& p) { return !in_range(p); });
    for (std::size_t i = pivot; i-- > 0;) find_before(i);
    for (std::size_t i = pivot + 1; i < parts_.size(); ++i) {
      find_after(i, i == pivot + 1 ? following_ : nullptr);
    }
    if (std::ranges::any_of(places_, &std::vector<Place>::empty)) return {};
    return follow_chains();
  }

 private:
  bool in_range(const Place& place) const { return range_.contains(place.begin); }

  // A narrow range makes the first part the easiest; otherwise the one whose probe asks most bits.
  std::size_t easiest_part() const {
    if (range_.last - range_.first < text_.bytes.size() / 16) return 0;
    const auto bits = [](const PartCode& part) {
      const int bytes = std::popcount(part.probe.mask) + std::popcount(part.probe.value);
      return part.probe.spread == 0 ? bytes : bytes / 2;
    };
    return static_cast<std::size_t>(std::ranges::max_element(parts_, {}, bits) - parts_.begin());
  }

  Positions range_of(std::size_t part) const {
    Positions range = range_;
    for (std::size_t i = 0; i < part; ++i) {
      const auto& gap = parts_[i + 1];
      range.first = saturating_add(range.first, parts_[i].length_min + gap.gap_min);
      range.last =
          gap.gap_max ? saturating_add(range.last, parts_[i].length_max + *gap.gap_max) : kEndless;
    }
    return range;
  }

  void find_before(std::size_t i) {
    const PartCode& gap = parts_[i + 1];
    std::vector<Positions> ranges;
    for (const Place& next : places_[i + 1]) {
      if (next.begin < gap.gap_min + parts_[i].length_min) continue;
      Positions range{0, next.begin - gap.gap_min - parts_[i].length_min};
      if (gap.gap_max) {
        range.first = saturating_subtract(next.begin, *gap.gap_max + parts_[i].length_max);
      }
      if (i == 0) {
        range.first = std::max(range.first, range_.first);
        range.last = std::min(range.last, range_.last);
      }
      if (range.first <= range.last) ranges.push_back(range);
    }
    places_[i] = find_in(parts_[i], text_, std::move(ranges), work_);
  }

  void find_after(std::size_t i, const FollowingPart* known) {
    const PartCode& part = parts_[i];
    std::vector<Positions> ranges;
    for (const Place& previous : places_[i - 1]) {
      ranges.push_back({saturating_add(previous.end, part.gap_min),
                        part.gap_max ? saturating_add(previous.end, *part.gap_max) : kEndless});
    }
    const bool is_known =
        known != nullptr && std::ranges::all_of(ranges, [&](const Positions& range) {
          return range.first >= known->from;
        });
    places_[i] = is_known ? of_those(*known, join(std::move(ranges)))
                          : find_in(part, text_, std::move(ranges), work_);
  }

  // Both in order.
  static std::vector<Place> of_those(const FollowingPart& known,
                                     const std::vector<Positions>& ranges) {
    std::vector<Place> places;
    auto range = ranges.begin();
    for (const Place& place : known.places) {
      while (range != ranges.end() && range->last < place.begin) ++range;
      if (range == ranges.end()) break;
      if (range->contains(place.begin)) places.push_back(place);
    }
    return places;
  }

  std::vector<PatternMatch> follow_chains() const {
    std::vector<PatternMatch> chains;
    for (const Place& place : places_.front()) chains.push_back({place.begin, place});
    for (std::size_t i = 1; i < parts_.size(); ++i) chains = extend(std::move(chains), i);
    return chains;
  }

  // For each place of part i, the earliest beginning among the chains whose end lies a gap before
  // it: a minimum over a window that moves forward.
  std::vector<PatternMatch> extend(std::vector<PatternMatch> chains, std::size_t i) const {
    const PartCode& part = parts_[i];
    std::ranges::sort(chains, {}, [](const PatternMatch& match) { return match.last.end; });
    std::vector<PatternMatch> extended;
    std::deque<const PatternMatch*> window;  // beginnings rise from front to back
    std::size_t entered = 0;
    for (const Place& place : places_[i]) {
      for (; entered < chains.size()
             && saturating_add(chains[entered].last.end, part.gap_min) <= place.begin;
           ++entered) {
        while (!window.empty() && window.back()->begin >= chains[entered].begin) window.pop_back();
        window.push_back(&chains[entered]);
      }
      while (part.gap_max && !window.empty()
             && saturating_add(window.front()->last.end, *part.gap_max) < place.begin) {
        window.pop_front();
      }
      if (!window.empty()) extended.push_back({window.front()->begin, place});
    }
    return extended;
  }

  Text text_;
  Positions range_;
  Work& work_;
  std::vector<PartCode> parts_;
  std::vector<std::vector<Place>> places_;
  const FollowingPart* following_ = nullptr;
};
}  // namespace

void look_for_places(const PartCode& part, ByteView text, Positions range, const Window& window,
                     Work& work, std::vector<Place>& places) {
  PlaceSearch(part, text, range, work, places).look(window);
}

std::vector<Place> find_places(const PartCode& part, Text text, Positions range, Work& work) {
  return find_in(part, text, {range}, work);
}

std::vector<PatternMatch> find_matches(ByteView pattern, Text text, Positions range,
                                       const KnownPart* known, Work& work) {
  const bool is_narrow = range.first <= range.last && range.last - range.first < kFewPlaces;
  if (is_narrow && !may_begin(pattern, text.bytes, range, work)) return {};
  return PatternSearch(pattern, text, range, work).run(known);
}

}  // namespace amanat::threat
