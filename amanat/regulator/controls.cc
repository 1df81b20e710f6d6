#include "amanat/regulator/controls.h"

#include <array>
#include <map>

#include "amanat/codec/json.h"
#include "amanat/error/error.h"
#include "amanat/regulator/controls_data.h"

namespace amanat::regulator {
namespace {

constexpr std::size_t kControlsBytesMax = std::size_t{1} << 20U;

constexpr auto kNotes = std::to_array<CheckNote>({
    {"log-consistency", "record", "every entry under the signed checkpoint",
     "that nobody was shown another log: without witnesses only memory and bundles compare"},
    {"consent-before-object", "permission", "sampled openings of committed entries",
     "that a person was asked at all, and not pressed; a custodian could make up consent keys"},
    {"receipt-validity", "permission", "sampled openings of committed entries",
     "that a person gave the answer, and not somebody with the phone"},
    {"notice-schema", "permission", "notices under hashes in the log",
     "that the notice is plain to whoever read it"},
    {"post-withdrawal-activity", "permission", "public withdrawals and sampled openings",
     "that nothing goes on outside the log"},
    {"sealed-sample", "blindness", "sampled leaves under pack ids",
     "that the custodian has no key; that firmware leaks nothing"},
    {"tls-probe", "blindness", "this verifier's own handshakes, which nobody signs",
     "what others are answered, or this verifier at another time"},
    {"bucket-location", "place", "the custodian's signed word",
     "that no further copy exists elsewhere"},
    {"storage-challenge", "safekeeping", "random leaves under pack ids",
     "that the bytes will be there tomorrow"},
    {"erasure-check", "safekeeping", "opened erasures, signed by consent keys",
     "that no copy was kept; without its key it stays closed"},
    {"feed-freshness", "protection", "release entries of the threat database",
     "that a fresh list knows a new threat"},
});

constexpr auto kNobody = std::to_array<std::string_view>({
    "that a person was asked at all, and not pressed",
    "that no further copy exists",
    "that firmware leaks nothing",
    "that a copied key was forgotten",
    "that flash forgot a deleted key where no hardware key store held it",
});

std::map<std::string, std::vector<std::string>, std::less<>> read_controls() {
  std::map<std::string, std::vector<std::string>, std::less<>> controls;
  const auto value = json::parse(controls_json(), kControlsBytesMax);
  ensure(value && value->find("controls") != nullptr, "the built-in controls are JSON");
  for (const json::Value& control : *value->find("controls")->array()) {
    controls[*control.find("check")->text()].push_back(*control.find("id")->text());
  }
  return controls;
}

}  // namespace

std::span<const CheckNote> check_notes() { return kNotes; }

const std::vector<std::string>& controls_of(std::string_view check) {
  static const auto controls = read_controls();
  static const std::vector<std::string> none;
  const auto found = controls.find(check);
  return found == controls.end() ? none : found->second;
}

std::span<const std::string_view> what_nobody_can_prove() { return kNobody; }

}  // namespace amanat::regulator
