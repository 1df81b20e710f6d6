#pragma once

// Time comes in as a parameter: a `Clock` is handed down from main, so that a test can stand still,
// jump, or replay. All time is UTC.

#include <chrono>
#include <cstdint>
#include <string>

namespace amanat {

/// A moment, to the millisecond, UTC.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// Whole minutes since 1970-01-01T00:00Z: the only time that appears in the log.
using Minute = std::uint32_t;

inline Minute minute_of(Instant instant) {
  return static_cast<Minute>(
      std::chrono::duration_cast<std::chrono::minutes>(instant.time_since_epoch()).count());
}

inline Instant instant_of(Minute minute) { return Instant(std::chrono::minutes(minute)); }

/// Milliseconds since 1970-01-01T00:00Z as they are written in every format but the log.
inline std::uint64_t millis_of(Instant instant) {
  return static_cast<std::uint64_t>(instant.time_since_epoch().count());
}

inline Instant instant_from_millis(std::uint64_t millis) {
  return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(millis)));
}

/// `2026-11-24T09:30:00Z`, for people and reports.
std::string to_iso8601(Instant instant);

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

/// A clock that a test moves by hand.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : now_(start) {}
  Instant now() const override { return now_; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  Instant now_;
};

}  // namespace amanat
