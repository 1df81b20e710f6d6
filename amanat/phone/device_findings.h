#pragma once

// Gathers what a device check finds: the same indicator in the same file and table is one finding
// that is counted.

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "amanat/phone/device_check.h"

namespace amanat::phone {

/// Where something was seen.
struct DevicePlace {
  DeviceThing thing = DeviceThing::file;
  std::string_view file = {};
  std::string_view table = {};
  std::optional<std::int64_t> row = {};
  std::optional<Instant> time = {};
};

class DeviceFindings {
 public:
  /// Borrows the report that it fills.
  explicit DeviceFindings(DeviceReport& report) : report_(report) {}

  void add(const DevicePlace& place, const std::vector<indicator::Hit>& hits,
           const indicator::App* app = nullptr);
  void add_unread(std::string_view file, std::string_view reason);

  DeviceReport& report() { return report_; }

 private:
  using Key = std::tuple<std::string, std::string, DeviceThing, indicator::Entry>;

  DeviceReport& report_;
  std::map<Key, std::size_t> known_;  // positions in the report's findings
};

}  // namespace amanat::phone
