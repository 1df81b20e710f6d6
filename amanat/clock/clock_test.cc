#include "amanat/clock/clock.h"

#include <doctest/doctest.h>

using namespace amanat;
using namespace std::chrono_literals;

TEST_CASE("a minute begins at its first millisecond and ends before the next") {
  const Instant start = instant_of(29'925'000);
  CHECK(minute_of(start) == 29'925'000);
  CHECK(minute_of(start + 59'999ms) == 29'925'000);
  CHECK(minute_of(start + 60s) == 29'925'001);
}

TEST_CASE("milliseconds lead back to the instant they came from") {
  const Instant moment = instant_from_millis(1'795'500'000'123);
  CHECK(millis_of(moment) == 1'795'500'000'123);
  CHECK(to_iso8601(moment) == "2026-11-24T06:00:00Z");
  CHECK(to_iso8601(Instant{}) == "1970-01-01T00:00:00Z");
}

TEST_CASE("a clock of a test stands still until it is moved") {
  ManualClock clock(instant_of(1));
  CHECK(clock.now() == instant_of(1));
  clock.advance(90s);
  CHECK(clock.now() == instant_of(1) + 90s);
}
