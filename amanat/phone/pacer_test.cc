#include "amanat/phone/pacer.h"

#include <vector>

#include <doctest/doctest.h>

using namespace amanat::phone;
using std::chrono::milliseconds;

TEST_CASE("a gentle scan rests as long as it worked, and not after each small file") {
  Pacer::Time now{};
  std::vector<milliseconds> slept;
  Pacer pacer({}, {.sleep = [&](milliseconds time) { slept.push_back(time); },
                   .power = [] { return PowerState{}; },
                   .now = [&] { return now; }});
  now += milliseconds(10);
  pacer.rest();
  CHECK(slept.empty());
  now += milliseconds(190);
  pacer.rest();
  CHECK(slept == std::vector{milliseconds(200)});
}

TEST_CASE("a gentle scan waits while the battery is low, until it is fed or told to stop") {
  Pacer::Time now{};
  int asked = 0;
  int waits = 0;
  const Pace pace;
  Pacer pacer(pace, {.sleep = [&](milliseconds time) { waits += time == pace.wait_for_power; },
                     .power =
                         [&] {
                           ++asked;
                           return PowerState{.on_battery = asked < 4, .percent = 5};
                         },
                     .now = [&] { return now; }});
  now += milliseconds(500);
  pacer.rest();
  CHECK(waits == 3);
  asked = -1000;
  bool stop = false;
  Pacer stopped(pace, {.sleep = [&](milliseconds) { stop = true; },
                       .should_stop = [&] { return stop; },
                       .power = [] { return PowerState{.on_battery = true, .percent = 5}; },
                       .now = [&] { return now; }});
  now += milliseconds(500);
  stopped.rest();
  CHECK(stop);
}
