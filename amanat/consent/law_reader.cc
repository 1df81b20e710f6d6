// Reads the JSON of a law pack. Reading and judging are apart: law.cc knows no JSON.

#include <algorithm>
#include <set>
#include <string>

#include "amanat/codec/json.h"
#include "amanat/consent/language.h"
#include "amanat/consent/law.h"

namespace amanat::consent {
namespace {

constexpr std::size_t kTextMax = 2'000;
constexpr std::size_t kNameMax = 200;
constexpr std::size_t kCountMax = 500;
constexpr std::uint64_t kLimitHoursMax = 24ULL * 36'525;  // a century
constexpr std::string_view kSchema = "amanat-law/1";

std::string read_text(json::Fields& fields, std::string_view name,
                      std::size_t size_max = kNameMax) {
  std::string text = fields.text(name, size_max);
  if (text.empty()) fields.refuse(name, "is empty");
  return text;
}

InForce read_in_force(json::Fields& fields) {
  InForce in_force;
  const auto day = [&fields](std::string_view name) -> std::optional<Day> {
    const auto text = fields.optional_text(name, 10);
    if (!text) return std::nullopt;
    const auto parsed = parse_day(*text);
    if (!parsed) fields.refuse(name, "is not a day like 2027-05-13");
    return parsed;
  };
  in_force.from = day("from");
  in_force.until = day("until");
  if (in_force.until && !in_force.from) fields.refuse("until", "ends what never began");
  if (in_force.until && in_force.from && *in_force.until <= *in_force.from) {
    fields.refuse("until", "comes before it begins");
  }
  return in_force;
}

InstrumentKind read_kind(json::Fields& fields) {
  const std::string kind = read_text(fields, "kind");
  if (kind == "rules") return InstrumentKind::rules;
  if (kind == "directions") return InstrumentKind::directions;
  if (kind == "standard") return InstrumentKind::standard;
  if (kind != "act") fields.refuse("kind", "is not act, rules, directions or standard");
  return InstrumentKind::act;
}

// Reads each item of the array `name` with `read`, a function from Fields to the item's type.
template <class T>
std::vector<T> read_list(json::Fields& fields, std::string_view name, T (*read)(json::Fields&)) {
  std::vector<T> list;
  for (const json::Value& value : fields.array(name, kCountMax)) {
    json::Fields item(value, name);
    list.push_back(read(item));
    if (auto done = item.finish(); !done) {
      fields.refuse(name, done.error().message);
      break;
    }
  }
  return list;
}

Provision read_provision(json::Fields& fields) {
  Provision provision;
  provision.reference = read_text(fields, "reference");
  provision.says = read_text(fields, "says", kTextMax);
  provision.source = read_text(fields, "source", kTextMax);
  provision.in_force = read_in_force(fields);
  return provision;
}

Instrument read_instrument(json::Fields& fields) {
  Instrument instrument;
  instrument.id = read_text(fields, "id");
  instrument.title = read_text(fields, "title", kTextMax);
  instrument.kind = read_kind(fields);
  instrument.provisions = read_list<Provision>(fields, "provisions", read_provision);
  return instrument;
}

LegalTimeLimit read_time_limit(json::Fields& fields) {
  LegalTimeLimit limit;
  limit.name = read_text(fields, "name");
  const auto hours = fields.optional_number("hours", kLimitHoursMax);
  const auto days = fields.optional_number("days", kLimitHoursMax / 24);
  if (hours.has_value() == days.has_value()) fields.refuse("hours", "or days, and not both");
  limit.limit =
      std::chrono::hours(static_cast<std::int64_t>(hours.value_or(days.value_or(0) * 24)));
  limit.instrument = read_text(fields, "instrument");
  limit.reference = read_text(fields, "reference");
  limit.in_force = read_in_force(fields);
  return limit;
}

SanctionCeiling read_sanction(json::Fields& fields) {
  SanctionCeiling sanction;
  sanction.id = read_text(fields, "id");
  sanction.ceiling = read_text(fields, "ceiling", kTextMax);
  sanction.instrument = read_text(fields, "instrument");
  sanction.reference = read_text(fields, "reference");
  sanction.in_force = read_in_force(fields);
  return sanction;
}

ChildRule read_child_rule(json::Fields& fields) {
  ChildRule rule;
  const auto purpose = purpose_from_name(read_text(fields, "purpose"));
  if (!purpose) fields.refuse("purpose", "is not a purpose of the registry");
  rule.purpose = purpose.value_or(Purpose::custody);
  const std::string kind = read_text(fields, "rule");
  if (kind == "parent-needed") {
    rule.kind = ChildRuleKind::parent_needed;
  } else if (kind != "forbidden") {
    fields.refuse("rule", "is not forbidden or parent-needed");
  }
  rule.instrument = read_text(fields, "instrument");
  rule.reference = read_text(fields, "reference");
  rule.in_force = read_in_force(fields);
  return rule;
}

std::vector<std::string> read_languages(json::Fields& fields) {
  std::vector<std::string> languages;
  for (const json::Value& value : fields.array("languages", kCountMax)) {
    const std::string* const tag = value.text();
    if (tag == nullptr || !is_language_tag(*tag)) {
      fields.refuse("languages", "holds something that is no language tag");
      break;
    }
    languages.push_back(*tag);
  }
  return languages;
}

void read_head(json::Fields& fields, LawPack& law) {
  if (read_text(fields, "schema") != kSchema) fields.refuse("schema", "is not amanat-law/1");
  law.jurisdiction = read_text(fields, "jurisdiction", 2);
  law.name = read_text(fields, "name");
  law.version = fields.number("version");
  const auto as_of = parse_day(read_text(fields, "as_of", 10));
  if (!as_of) fields.refuse("as_of", "is not a day like 2026-11-23");
  law.as_of = as_of.value_or(Day{});
  law.day_offset = std::chrono::minutes(
      static_cast<std::int64_t>(fields.number("day_begins_minutes_before_utc", 14 * 60)));
  law.law_iri = read_text(fields, "law_iri");
  law.authority = read_text(fields, "authority");
  law.authority_iri = read_text(fields, "authority_iri");
  law.complaint_link = read_text(fields, "complaint_link");
  law.languages = read_languages(fields);
  law.age_of_consent = fields.number("age_of_consent", 150);
  law.consent_days_max =
      std::chrono::days(static_cast<std::int64_t>(fields.number("consent_days_max", 36'525)));
  const auto mode = retention_mode_from_name(read_text(fields, "retention_mode"));
  if (!mode) fields.refuse("retention_mode", "is not logs-only or sealed-hold");
  law.retention_mode = mode.value_or(RetentionMode::logs_only);
}

/// Whether what names an instrument names one of this pack, and ids are unique.
Result<> check_names(const LawPack& law) {
  std::set<std::string_view> instruments;
  for (const Instrument& instrument : law.instruments) {
    if (!instruments.insert(instrument.id).second) {
      return fail(Code::invalid_input, "law: two instruments are called " + instrument.id);
    }
  }
  std::set<std::string_view> sanctions;
  for (const SanctionCeiling& sanction : law.sanctions) {
    if (!sanctions.insert(sanction.id).second) {
      return fail(Code::invalid_input, "law: two sanctions are called " + sanction.id);
    }
  }
  const auto unknown = [&instruments](const auto& item) {
    return !instruments.contains(item.instrument);
  };
  if (std::ranges::any_of(law.time_limits, unknown) || std::ranges::any_of(law.sanctions, unknown)
      || std::ranges::any_of(law.child_rules, unknown)) {
    return fail(Code::invalid_input, "law: an instrument is named that the pack does not hold");
  }
  return {};
}

}  // namespace

Result<LawPack> parse_law_pack(std::string_view json) {
  auto value = json::parse(json, kLawPackBytesMax);
  if (!value) return carry(value, "law");
  json::Fields fields(*value, "law");
  LawPack law;
  read_head(fields, law);
  law.instruments = read_list<Instrument>(fields, "instruments", read_instrument);
  law.time_limits = read_list<LegalTimeLimit>(fields, "time_limits", read_time_limit);
  law.sanctions = read_list<SanctionCeiling>(fields, "sanctions", read_sanction);
  law.child_rules = read_list<ChildRule>(fields, "child_rules", read_child_rule);
  if (auto done = fields.finish(); !done) return carry(done);
  if (auto checked = check_names(law); !checked) return carry(checked);
  return law;
}

}  // namespace amanat::consent
