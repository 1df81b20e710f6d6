#include "amanat/threat/look_ahead.h"

#include <algorithm>
#include <utility>

namespace amanat::threat {
namespace {
constexpr std::size_t kExpectedMax = 16;  // each costs a look at every byte that follows
}  // namespace

void LookAhead::expect(std::uint32_t number, ByteView pattern, std::uint32_t part,
                       std::uint64_t end) {
  const auto known = std::ranges::find(expected_, number, &Expected::number);
  if (known != expected_.end()) {
    known->found.from = std::min(known->found.from, end + known->part.gap_min);
    return;
  }
  if (expected_.size() == kExpectedMax) return;
  PatternReader reader(pattern);
  for (std::uint32_t i = 0; i <= part; ++i) {
    if (!reader.next()) return;
  }
  const auto next = reader.next();
  if (!next || next->probe.count == 0) return;
  if (next->gap_max && *next->gap_max < kWorthReading) return;
  expected_.push_back(
      {.number = number, .part = *next, .found = {.from = end + next->gap_min, .places = {}}});
}

void LookAhead::look(const Window& window, ByteView text, Work& work) {
  for (Expected& expected : expected_) {
    look_for_places(expected.part, text, {expected.found.from, text.size()}, window, work,
                    expected.found.places);
  }
}

FollowingPart LookAhead::in_order(Expected expected) {
  FollowingPart found = std::move(expected.found);
  std::ranges::sort(found.places);
  found.places.erase(std::ranges::unique(found.places).begin(), found.places.end());
  return found;
}

}  // namespace amanat::threat
