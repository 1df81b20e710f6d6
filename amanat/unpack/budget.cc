#include "amanat/unpack/budget.h"

#include <algorithm>

namespace amanat::unpack {

std::string_view describe(Limit limit) {
  switch (limit) {
    case Limit::none: return "no limit";
    case Limit::depth: return "too many levels";
    case Limit::entries: return "too many entries";
    case Limit::bytes: return "unpacks to too much";
    case Limit::object_bytes: return "an object inside is too large";
    case Limit::ratio: return "grows too much";
    case Limit::memory: return "needs too much memory";
    case Limit::deadline: return "takes too long";
  }
  return "no limit";
}

Budget::Budget(const Limits& limits, const Clock& clock)
    : limits_(limits), clock_(clock), deadline_(clock.now() + limits.time_max) {}

Allowance Budget::allowance(std::uint64_t packed_size) const {
  const auto left = [](std::uint64_t most, std::uint64_t used) {
    return most > used ? most - used : 0;
  };
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t grown = packed_size > kAny / std::max<std::uint64_t>(limits_.ratio_max, 1)
                                  ? kAny
                                  : packed_size * limits_.ratio_max;
  const auto bounds = std::to_array<Allowance>({
      {.bytes = limits_.object_bytes_max, .limit = Limit::object_bytes},
      {.bytes = std::max(grown, limits_.ratio_free_bytes), .limit = Limit::ratio},
      {.bytes = left(limits_.bytes_max, bytes_), .limit = Limit::bytes},
      {.bytes = left(limits_.memory_bytes_max, held_), .limit = Limit::memory},
  });
  return std::ranges::min(bounds, {}, &Allowance::bytes);
}

bool Budget::take_entry() {
  if (entries_ >= limits_.entries_max) {
    reach(Limit::entries);
    return false;
  }
  ++entries_;
  return has_time();
}

bool Budget::take_bytes(std::uint64_t count) {
  if (count > limits_.bytes_max - bytes_) {
    reach(Limit::bytes);
    return false;
  }
  bytes_ += count;
  return true;
}

bool Budget::has_time() {
  if (!late_ && clock_.now() <= deadline_) return true;
  late_ = true;
  reach(Limit::deadline);
  return false;
}

void Budget::reach(Limit limit) {
  if (reached_ == Limit::none) reached_ = limit;
}

Budget::Level::Level(Budget& budget) : budget_(budget) {
  fits_ = ++budget_.depth_ <= budget_.limits_.depth_max;
}

}  // namespace amanat::unpack
