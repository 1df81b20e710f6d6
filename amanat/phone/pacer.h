#pragma once

// Keeps work to the pace of a gentle scan: it rests between files, longer on battery, and waits
// while the battery is low.

#include <chrono>
#include <functional>

#include "amanat/phone/politeness.h"

namespace amanat::phone {

class Pacer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct World {
    std::function<void(std::chrono::milliseconds)> sleep;  // may return early
    std::function<bool()> should_stop = [] { return false; };
    std::function<PowerState()> power = [] { return read_power(); };
    std::function<Time()> now = std::chrono::steady_clock::now;
  };

  Pacer(const Pace& pace, World world);

  /// Called after each piece of work; returns when it is time for the next.
  void rest();

 private:
  Pace pace_;
  World world_;
  PowerState power_;
  Time power_read_;
  Time working_since_;
};

}  // namespace amanat::phone
