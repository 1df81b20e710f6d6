#include "amanat/phone/device_findings.h"

namespace amanat::phone {

std::string_view name_of(DeviceThing thing) {
  switch (thing) {
    case DeviceThing::message: return "message";
    case DeviceThing::visited_page: return "visited_page";
    case DeviceThing::download: return "download";
    case DeviceThing::app: return "app";
    case DeviceThing::file: return "file";
    case DeviceThing::process: return "process";
    case DeviceThing::property: return "property";
    case DeviceThing::record: return "record";
    case DeviceThing::text: return "text";
  }
  return "unknown";
}

void DeviceFindings::add(const DevicePlace& place, const std::vector<indicator::Hit>& hits,
                         const indicator::App* app) {
  for (const indicator::Hit& hit : hits) {
    Key key{std::string(place.file), std::string(place.table), place.thing, hit.entry};
    if (const auto known = known_.find(key); known != known_.end()) {
      ++report_.findings[known->second].times;
      continue;
    }
    if (report_.findings.size() >= kDeviceFindingsMax) {
      report_.is_cut = true;
      continue;
    }
    DeviceFinding finding;
    finding.thing = place.thing;
    finding.file = std::string(place.file);
    finding.table = std::string(place.table);
    finding.row = place.row;
    finding.time = place.time;
    finding.hit = hit;
    if (app != nullptr) {
      finding.abilities = indicator::abilities_of(app->permissions);
      finding.is_sideloaded = indicator::is_sideloaded(*app);
    }
    known_.emplace(std::move(key), report_.findings.size());
    report_.findings.push_back(std::move(finding));
  }
}

void DeviceFindings::add_unread(std::string_view file, std::string_view reason) {
  report_.unread.push_back({.file = std::string(file), .reason = std::string(reason)});
}

}  // namespace amanat::phone
