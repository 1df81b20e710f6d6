#include "amanat/consent/law.h"

#include <algorithm>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "amanat/consent/builtin.h"

namespace amanat::consent {
namespace {

using namespace std::chrono_literals;
using std::chrono::year;

constexpr Day kLastDayOfTheOldRules = year(2027) / 5 / 12;
constexpr Day kFirstDayOfTheNewAct = year(2027) / 5 / 13;

std::set<std::string> instruments_on(const LawPack& law, Day day) {
  std::set<std::string> ids;
  for (const Applicable& applicable : list_applicable(law, day)) {
    ids.insert(applicable.instrument->id);
  }
  return ids;
}

// A small pack; `extra` goes between the head and the lists.
std::string pack(std::string_view lists, std::string_view extra = "") {
  std::string json =
      R"({"schema": "amanat-law/1", "jurisdiction": "XX", "name": "Nowhere", "version": 1,
          "as_of": "2026-11-24", "day_begins_minutes_before_utc": 330, "law_iri": "https://x.example",
          "authority": "Board", "authority_iri": "https://x.example", "complaint_link": "https://x.example",
          "languages": ["en"], "age_of_consent": 18, "consent_days_max": 730,
          "retention_mode": "logs-only", )";
  json.append(extra).append(lists).append("}");
  return json;
}

constexpr std::string_view kLists =
    R"("instruments": [{"id": "act", "kind": "act", "title": "Act", "provisions": [
         {"reference": "s.1", "from": "2020-01-01", "until": "2020-01-03", "says": "a", "source": "b"},
         {"reference": "s.2", "says": "proposed", "source": "b"}]}],
       "time_limits": [{"name": "x_hours", "hours": 6, "instrument": "act", "reference": "s.1", "from": "2020-01-01"},
                       {"name": "x_hours", "days": 1, "instrument": "act", "reference": "s.1", "from": "2019-01-01"}],
       "sanctions": [], "child_rules": [])";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("in India the SPDI Rules apply until 12 May 2027, and the DPDP Act from the next day") {
  const LawPack law = builtin_law("IN").value();
  const auto before = instruments_on(law, kLastDayOfTheOldRules);
  const auto after = instruments_on(law, kFirstDayOfTheNewAct);
  CHECK(before.contains("spdi-rules"));
  CHECK_FALSE(after.contains("spdi-rules"));
  CHECK(after.contains("certin-2022"));
  CHECK(after.contains("it-act"));

  const auto consent_must_be_free = [&law](Day day) {
    return std::ranges::any_of(list_applicable(law, day), [](const Applicable& applicable) {
      return applicable.instrument->id == "dpdp-act" && applicable.provision->reference == "s.6(1)";
    });
  };
  CHECK_FALSE(consent_must_be_free(kLastDayOfTheOldRules));
  CHECK(consent_must_be_free(kFirstDayOfTheNewAct));
}

TEST_CASE("the clocks of the law follow the day") {
  const LawPack law = builtin_law("IN").value();
  CHECK(time_limit(law, "certin_incident_hours", kLastDayOfTheOldRules).value() == 6h);
  CHECK(time_limit(law, "grievance_days", kLastDayOfTheOldRules).value() == 30 * 24h);
  CHECK(time_limit(law, "grievance_days", kFirstDayOfTheNewAct).value() == 90 * 24h);
  CHECK(time_limit(law, "board_detail_hours", kFirstDayOfTheNewAct).value() == 72h);
  CHECK(time_limit(law, "board_detail_hours", kLastDayOfTheOldRules).error().code
        == Code::not_found);
  CHECK(time_limit(law, "withdrawal_erasure_days", kFirstDayOfTheNewAct).value() == 14 * 24h);
  const LawPack singapore = builtin_law("SG").value();
  CHECK(time_limit(singapore, "pdpc_notice_days", kLastDayOfTheOldRules).value() == 3 * 24h);
}

TEST_CASE("a day begins at midnight of the jurisdiction, not of UTC") {
  const LawPack law = builtin_law("IN").value();
  const Instant midnight_in_delhi = Instant(kFirstDayOfTheNewAct) - 330min;
  CHECK(local_day(law, midnight_in_delhi) == kFirstDayOfTheNewAct);
  CHECK(local_day(law, midnight_in_delhi - 1ms) == kLastDayOfTheOldRules);
}

TEST_CASE("every built-in provision says what it says and where that was read") {
  for (const BuiltinLaw& builtin : builtin_laws()) {
    CAPTURE(builtin.jurisdiction);
    const auto law = parse_law_pack(builtin.json);
    REQUIRE(law);
    CHECK(law->jurisdiction == builtin.jurisdiction);
    for (const Instrument& instrument : law->instruments) {
      std::set<std::string_view> references;
      for (const Provision& provision : instrument.provisions) {
        CAPTURE(provision.reference);
        CHECK_FALSE(provision.source.empty());
        CHECK(references.insert(provision.reference).second);
      }
    }
    CHECK(std::ranges::count(law->languages, "en") == 1);
  }
  CHECK(builtin_law("IN")->languages.size() == 23);  // English and the Eighth Schedule
  CHECK(builtin_law("XX").error().code == Code::not_found);
}

TEST_CASE("the Act's rules for children begin with the Act") {
  const LawPack law = builtin_law("IN").value();
  CHECK_FALSE(child_rule(law, Purpose::analytics, kLastDayOfTheOldRules));
  CHECK(child_rule(law, Purpose::analytics, kFirstDayOfTheNewAct) == ChildRuleKind::forbidden);
  CHECK(child_rule(law, Purpose::custody, kFirstDayOfTheNewAct) == ChildRuleKind::parent_needed);
}

TEST_CASE(
    "a provision applies from its first day until the day before its last; a proposal never") {
  const LawPack law = parse_law_pack(pack(kLists)).value();
  CHECK(list_applicable(law, year(2019) / 12 / 31).empty());
  CHECK(list_applicable(law, year(2020) / 1 / 1).size() == 1);
  CHECK(list_applicable(law, year(2020) / 1 / 2).size() == 1);
  CHECK(list_applicable(law, year(2020) / 1 / 3).empty());
}

TEST_CASE("of several limits of one name the shortest counts") {
  const LawPack law = parse_law_pack(pack(kLists)).value();
  CHECK(time_limit(law, "x_hours", year(2019) / 6 / 1).value() == 24h);
  CHECK(time_limit(law, "x_hours", year(2020) / 6 / 1).value() == 6h);
}

TEST_CASE("a law pack that is not exactly one is refused") {
  const std::string good = pack(kLists);
  REQUIRE(parse_law_pack(good));
  const auto bad = std::to_array<std::string>({
      pack(kLists, R"("fines": 5, )"),
      replaced(good, "amanat-law/1", "amanat-law/2"),
      replaced(good, R"("version": 1)", R"("version": 1.5)"),
      replaced(good, "2026-11-24", "2026-11-31"),
      replaced(good, "2020-01-03", "2020-01-01"),
      replaced(good, R"("until": "2020-01-03")", R"("till": "2020-01-03")"),
      replaced(good, R"("hours": 6)", R"("hours": 6, "days": 1)"),
      replaced(good, R"("hours": 6, )", ""),
      replaced(good, R"("instrument": "act")", R"("instrument": "other act")"),
      replaced(good, R"("kind": "act")", R"("kind": "custom")"),
      replaced(good, R"(["en"])", R"(["en", "e"])"),
      replaced(good, "logs-only", "everything"),
      replaced(good, R"("source": "b")", R"("source": "")"),
      replaced(good, R"("child_rules": [])",
               R"("child_rules": [{"purpose": "fun", "rule": "forbidden", "instrument": "act",
                                   "reference": "s.1", "from": "2020-01-01"}])"),
      good + " {}",
      "",
  });
  for (const std::string& json : bad) {
    CAPTURE(json);
    const auto law = parse_law_pack(json);
    REQUIRE_FALSE(law);
    CHECK(law.error().code == Code::invalid_input);
  }
}

}  // namespace amanat::consent
