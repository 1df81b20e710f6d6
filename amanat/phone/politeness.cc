#include "amanat/phone/politeness.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace amanat::phone {
namespace {

namespace fs = std::filesystem;

// linux/ioprio.h, which libc does not bring.
constexpr int kIoOfProcess = 1;
constexpr int kIoClassIdle = 3;
constexpr int kIoClassShift = 13;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::optional<std::uint32_t> percent_of(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value > 100) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

PowerState read_power(const fs::path& folder) {
  PowerState power;
  bool fed = false;
  bool emptied = false;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const fs::path supply = entry.path();
    const std::string type = first_line(supply / "type");
    if (type == "Mains" || type == "USB" || type == "Wireless") {
      fed = fed || first_line(supply / "online") == "1";
    }
    if (type != "Battery" || first_line(supply / "scope") == "Device") continue;
    emptied = emptied || first_line(supply / "status") == "Discharging";
    if (const auto percent = percent_of(first_line(supply / "capacity"))) {
      power.percent = std::max(power.percent.value_or(0), *percent);
    }
  }
  // A weak charger feeds and the battery empties all the same: that counts as battery only when
  // nothing feeds.
  power.on_battery = emptied && !fed;
  return power;
}

Manners be_gentle() {
  Manners manners;
  manners.low_priority = ::setpriority(PRIO_PROCESS, 0, 19) == 0;
  manners.idle_disk =
      ::syscall(SYS_ioprio_set, kIoOfProcess, 0, kIoClassIdle << kIoClassShift) == 0;
  return manners;
}

bool should_wait(const Pace& pace, const PowerState& power) {
  return power.on_battery && power.percent && *power.percent < pace.battery_percent_min;
}

std::chrono::milliseconds pause_after(std::chrono::milliseconds worked, const Pace& pace,
                                      const PowerState& power) {
  const std::uint32_t percent = std::clamp<std::uint32_t>(
      power.on_battery ? pace.percent_on_battery : pace.percent_on_mains, 1, 100);
  return std::min(worked * (100 - percent) / percent, pace.pause_max);
}

}  // namespace amanat::phone
