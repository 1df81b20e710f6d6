#pragma once

// Scanning in the background so that nobody notices: `--gentle`.
//
// The system gives a gentle process the processor and the disk when nobody else wants them; and
// because a busy processor also costs heat and battery, the scan pauses between files, longer on
// battery, and waits when the battery is low.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace amanat::phone {

/// What feeds the machine, as far as it tells.
struct PowerState {
  bool on_battery = false;               // a battery is being emptied
  std::optional<std::uint32_t> percent;  // of the fullest battery of the machine itself; 0 to 100
  friend bool operator==(const PowerState&, const PowerState&) = default;
};

/// Reads it from the kernel; a machine that tells nothing is on mains. Batteries of mice and pens
/// do not count.
PowerState read_power(const std::filesystem::path& folder = "/sys/class/power_supply");

/// What the system has granted.
struct Manners {
  bool low_priority = false;  // nice 19
  bool idle_disk = false;     // I/O class idle: after everybody else
  friend bool operator==(const Manners&, const Manners&) = default;
};

/// Makes this process, and the workers that it starts from now on, give way to all others.
Manners be_gentle();

/// How much of the time a gentle scan works, and when it does not start at all.
struct Pace {
  std::uint32_t percent_on_mains = 50;  // of the time at work
  std::uint32_t percent_on_battery = 20;
  std::uint32_t battery_percent_min = 20;  // below: waits until it is fed
  std::chrono::milliseconds pause_max = std::chrono::seconds(2);
  std::chrono::milliseconds wait_for_power = std::chrono::minutes(1);  // then look again
};

/// Whether a scan should wait for power.
bool should_wait(const Pace& pace, const PowerState& power);

/// How long to pause after having worked for `worked`.
std::chrono::milliseconds pause_after(std::chrono::milliseconds worked, const Pace& pace,
                                      const PowerState& power);

}  // namespace amanat::phone
