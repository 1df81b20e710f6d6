#include "amanat/consent/law.h"

#include <algorithm>
#include <string>

namespace amanat::consent {

std::string_view name_of(RetentionMode mode) {
  return mode == RetentionMode::logs_only ? "logs-only" : "sealed-hold";
}

std::optional<RetentionMode> retention_mode_from_name(std::string_view name) {
  if (name == "logs-only") return RetentionMode::logs_only;
  if (name == "sealed-hold") return RetentionMode::sealed_hold;
  return std::nullopt;
}

Day local_day(const LawPack& law, Instant now) {
  return std::chrono::floor<std::chrono::days>(now + law.day_offset);
}

std::vector<Applicable> list_applicable(const LawPack& law, Day day) {
  std::vector<Applicable> applicable;
  for (const Instrument& instrument : law.instruments) {
    for (const Provision& provision : instrument.provisions) {
      if (provision.in_force.on(day)) applicable.push_back({&instrument, &provision});
    }
  }
  return applicable;
}

Result<std::chrono::hours> time_limit(const LawPack& law, std::string_view name, Day day) {
  std::optional<std::chrono::hours> shortest;
  for (const LegalTimeLimit& limit : law.time_limits) {
    if (limit.name != name || !limit.in_force.on(day)) continue;
    shortest = std::min(shortest.value_or(limit.limit), limit.limit);
  }
  if (!shortest) {
    return fail(Code::not_found, "no time limit " + std::string(name) + " applies on that day");
  }
  return *shortest;
}

std::optional<ChildRuleKind> child_rule(const LawPack& law, Purpose purpose, Day day) {
  std::optional<ChildRuleKind> strictest;
  for (const ChildRule& rule : law.child_rules) {
    if (rule.purpose != purpose || !rule.in_force.on(day)) continue;
    strictest = std::min(strictest.value_or(rule.kind), rule.kind);  // forbidden comes first
  }
  return strictest;
}

}  // namespace amanat::consent
