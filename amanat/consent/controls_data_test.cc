// The control catalogue is data for the verifier; here its laws are checked against the law packs.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "amanat/codec/json.h"
#include "amanat/consent/builtin.h"

namespace amanat::consent {
namespace {

json::Value read_controls() {
  std::ifstream file("../../controls/controls.json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text, 1 << 20).value();
}

std::set<std::string> known_instruments() {
  std::set<std::string> ids;
  for (const BuiltinLaw& builtin : builtin_laws()) {
    for (const Instrument& i : parse_law_pack(builtin.json).value().instruments) ids.insert(i.id);
  }
  return ids;
}

}  // namespace

TEST_CASE("each of the 45 controls has all its fields, and rests on instruments of the law packs") {
  const json::Value document = read_controls();
  const auto instruments = known_instruments();
  const json::Array& controls = *document.find("controls")->array();
  CHECK(controls.size() == 45);
  std::set<std::string> ids;
  std::set<std::string> checks;
  std::map<std::string, int> classes;
  for (const json::Value& control : controls) {
    json::Fields fields(control, "control");
    CAPTURE(*control.find("id")->text());
    CHECK(ids.insert(fields.text("id", 6)).second);
    CHECK(checks.insert(fields.text("check", 40)).second);
    CHECK(fields.number("claim", 5) >= 1);
    ++classes[fields.text("class", 9)];
    const std::string severity = fields.text("severity", 8);
    const std::map<std::string, std::uint64_t> days{{"critical", 7}, {"high", 30}, {"medium", 60}};
    REQUIRE(days.contains(severity));
    CHECK(fields.number("remedial_days") == days.at(severity));
    for (const auto name : {"title", "refuted_if", "what_a_pass_means"}) {
      CHECK_FALSE(fields.text(name, 400).empty());
    }
    for (const json::Value& value : fields.array("laws", 10)) {
      json::Fields law(value, "law");
      CHECK(instruments.contains(law.text("instrument", 40)));
      CHECK_FALSE(law.text("provision", 60).empty());
      for (const auto name : {"from", "to"}) {
        const json::Value* const day = law.value(name);
        REQUIRE(day != nullptr);
        CHECK((day->is_null() || parse_day(*day->text()).has_value()));
      }
      CHECK(law.finish());
    }
    CHECK(fields.finish());
  }
  CHECK(classes
        == std::map<std::string, int>{{"automatic", 22}, {"partial", 20}, {"statement", 3}});
}

}  // namespace amanat::consent
