#pragma once

// What the law says, as data with dates: `laws/in.json`, `laws/sg.json`.
//
// A pack is one jurisdiction: instruments with provisions in our own words, each with the first day
// it applies and the first day it no longer does, clocks, ceilings of sanctions, the rules for
// children, and the switch that says what is kept after a withdrawal. The code holds no statute:
// the day decides. Days begin at midnight of the jurisdiction, not of UTC.
//
// The software never imposes a sanction; it shows the ceiling and where it is written.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/consent/category.h"
#include "amanat/consent/day.h"
#include "amanat/error/error.h"

namespace amanat::consent {

inline constexpr std::size_t kLawPackBytesMax = 1 << 20;

/// The days something applies: from `from` until the day before `until`.
struct InForce {
  std::optional<Day> from;   // none: proposed, not in force on any day
  std::optional<Day> until;  // none: no end is known
  bool on(Day day) const { return from && *from <= day && (!until || day < *until); }
};

struct Provision {
  std::string reference;  // "s.6(4)"
  std::string says;       // in our own words
  std::string source;     // where we read it; "general knowledge" when not checked again
  InForce in_force;
};

enum class InstrumentKind : std::uint8_t { act, rules, directions, standard };

struct Instrument {
  std::string id;  // "dpdp-act"
  std::string title;
  InstrumentKind kind = InstrumentKind::act;
  std::vector<Provision> provisions;
};

/// A time limit: "certin_incident_hours" is 6 hours.
struct LegalTimeLimit {
  std::string name;
  std::chrono::hours limit{};  // days are 24 hours
  std::string instrument;      // id
  std::string reference;
  InForce in_force;
};

/// The most a court or board may impose, as text. Nothing here computes with it.
struct SanctionCeiling {
  std::string id;
  std::string ceiling;
  std::string instrument;  // id
  std::string reference;
  InForce in_force;
};

/// What may be asked of a child for one purpose.
enum class ChildRuleKind : std::uint8_t {
  forbidden,      // never; and not of someone whose age is not stated
  parent_needed,  // a parent has to agree, which no decision of this version can record
};
struct ChildRule {
  Purpose purpose = Purpose::custody;
  ChildRuleKind kind = ChildRuleKind::forbidden;
  std::string instrument;  // id
  std::string reference;
  InForce in_force;
};

/// What stays after a withdrawal. Under both nobody but the owner can ever read anything.
enum class RetentionMode : std::uint8_t {
  logs_only,    // records and receipts stay for the time; sealed bytes and keys go
  sealed_hold,  // sealed bytes stay in quarantine for the time; the key is gone
};

struct LawPack {
  std::string jurisdiction;  // ISO 3166: "IN"
  std::string name;          // "India"
  std::uint64_t version = 0;
  Day as_of;
  std::chrono::minutes day_offset{};  // of local midnight, east of UTC
  std::string law_iri;                // of the main law in the W3C DPV
  std::string authority;
  std::string authority_iri;
  std::string complaint_link;
  std::vector<std::string> languages;  // in which a notice may be asked for, BCP 47
  std::uint64_t age_of_consent = 18;
  std::chrono::days consent_days_max{};  // a grant counts no longer than this
  RetentionMode retention_mode = RetentionMode::logs_only;
  std::vector<Instrument> instruments;
  std::vector<LegalTimeLimit> time_limits;
  std::vector<SanctionCeiling> sanctions;
  std::vector<ChildRule> child_rules;
};

/// Reads a pack strictly: unknown members are refused, every limit and ceiling names an instrument
/// of the pack, ids and names are unique; fails with invalid_input.
Result<LawPack> parse_law_pack(std::string_view json);

/// The words in JSON: `logs-only`, `sealed-hold`.
std::string_view name_of(RetentionMode mode);
std::optional<RetentionMode> retention_mode_from_name(std::string_view name);

/// The day it is in the pack's jurisdiction.
Day local_day(const LawPack& law, Instant now);

/// A provision and the instrument it belongs to; borrows from the pack.
struct Applicable {
  const Instrument* instrument = nullptr;
  const Provision* provision = nullptr;
};
/// Every provision that applies on `day`, in the order of the pack. The pack outlives the answer.
std::vector<Applicable> list_applicable(const LawPack& law, Day day);

/// The time limit of this name on `day`; not_found when none applies. When several apply, the
/// shortest one counts.
Result<std::chrono::hours> time_limit(const LawPack& law, std::string_view name, Day day);

/// The strictest rule for children and `purpose` on `day`; nothing when there is none.
std::optional<ChildRuleKind> child_rule(const LawPack& law, Purpose purpose, Day day);

}  // namespace amanat::consent
