#pragma once

// Does something again and again: `amanat scan --every 24h`.
//
// It repeats while the command runs and no longer: nothing is installed that starts by itself. Time
// is the machine's, so a phone that slept through its hour scans once when it wakes, not once for
// each time it missed; when the clock is set back, the next time comes no later than one interval
// from then.

#include <chrono>
#include <functional>
#include <string_view>

#include "amanat/clock/clock.h"
#include "amanat/error/error.h"

namespace amanat::phone {

/// Reads "30m", "24h" or "7d": from a minute to a year.
Result<std::chrono::minutes> parse_interval(std::string_view text);

struct Repetition {
  std::function<bool()> act;                             // false: no more
  std::function<void(std::chrono::milliseconds)> sleep;  // may return early
};

/// Acts at once and then every `interval`, counted from start to start; what takes longer than the
/// interval is followed by the next at once. Returns when `act` says so.
void repeat_every(std::chrono::minutes interval, const Clock& clock, const Repetition& repetition);

}  // namespace amanat::phone
