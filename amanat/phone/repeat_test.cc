#include "amanat/phone/repeat.h"

#include <vector>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::phone;
using namespace std::chrono_literals;

namespace {

// The hours at which something is done that takes a while, every six hours, five times.
std::vector<long> hours_of(std::chrono::milliseconds takes,
                           std::chrono::milliseconds asleep = 0ms) {
  ManualClock clock(Instant(std::chrono::days(20'000)));
  const Instant start = clock.now();
  std::vector<long> hours;
  repeat_every(
      6h, clock,
      {.act =
           [&] {
             hours.push_back(
                 std::chrono::duration_cast<std::chrono::hours>(clock.now() - start).count());
             clock.advance(takes);
             return hours.size() < 5;
           },
       .sleep =
           [&](std::chrono::milliseconds time) {
             // The machine sleeps through the night once.
             clock.advance(hours.size() == 2 ? std::max(time, asleep) : time);
           }});
  return hours;
}

}  // namespace

TEST_CASE("an interval is minutes, hours or days, within a year") {
  CHECK(parse_interval("30m").value() == 30min);
  CHECK(parse_interval("24h").value() == 24h);
  CHECK(parse_interval("365d").value() == 365 * 24h);
  for (const char* text :
       {"", "h", "0h", "24", "24 h", "-1h", "+1h", "1.5h", "1w", "366d", "1hm", "99999999999h"}) {
    CAPTURE(text);
    CHECK(parse_interval(text).error().code == Code::invalid_input);
  }
}

TEST_CASE("what is repeated starts every interval, however long it takes within it") {
  CHECK(hours_of(0h) == std::vector<long>{0, 6, 12, 18, 24});
  CHECK(hours_of(5h) == std::vector<long>{0, 6, 12, 18, 24});
  CHECK(hours_of(8h) == std::vector<long>{0, 8, 16, 24, 32});
}

TEST_CASE("times that were slept through are made up for once") {
  CHECK(hours_of(0h, 20h) == std::vector<long>{0, 6, 26, 32, 38});
}

TEST_CASE("a clock that is set back puts the next time off by one interval at most") {
  ManualClock clock(Instant(std::chrono::days(20'000)));
  int acts = 0;
  std::chrono::milliseconds slept = 0ms;
  repeat_every(6h, clock,
               {.act =
                    [&] {
                      if (acts == 0) clock.advance(-1000h);
                      return ++acts < 2;
                    },
                .sleep =
                    [&](std::chrono::milliseconds time) {
                      clock.advance(time);
                      slept += time;
                    }});
  CHECK(acts == 2);
  CHECK(slept == 6h);
}
