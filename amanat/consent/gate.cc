#include "amanat/consent/gate.h"

#include <algorithm>
#include <tuple>

// Each category is looked up alone. A record is either active now, or there is one reason why not;
// the answer for a category is its best active record or, failing that, the reason of the newest
// record. "Newest" and "best" break ties by value, never by position, so order cannot matter.

namespace amanat::consent {
namespace {

struct Texts {
  std::string_view name;
  std::string_view sentence;  // {what} is "location for custody"
  std::string_view advice;
};

Texts texts_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::nothing_named:
      return {"nothing-named", "nothing was named that could be allowed",
              "say which categories the data has"};
    case Refusal::not_asked:
      return {"not-asked", "you have not been asked about {what} yet", "run: amanat consent"};
    case Refusal::refused:
      return {"refused", "you said no to {what}", "if you changed your mind, run: amanat consent"};
    case Refusal::withdrawn:
      return {"withdrawn", "you withdrew your consent to {what}",
              "if you changed your mind, run: amanat consent"};
    case Refusal::revoked:
      return {"revoked", "the consent to {what} was ended by someone entitled to end it",
              "ask whoever ended it; then run: amanat consent"};
    case Refusal::expired:
      return {"expired", "your consent to {what} has run out", "to renew it, run: amanat consent"};
    case Refusal::not_yet_valid:
      return {"not-yet-valid", "the consent to {what} begins later than now",
              "check the clock of this device, or wait"};
    case Refusal::forbidden_to_child:
      return {"forbidden-to-child", "the law does not allow {what} for someone under age",
              "nothing to do: it stays on the phone"};
    case Refusal::parent_needed:
      return {"parent-needed", "the law asks for a parent's consent to {what}",
              "nothing to do yet: this version cannot record a parent's consent"};
    case Refusal::age_not_stated:
      return {"age-not-stated",
              "the law allows {what} only to someone of age, and no age is stated",
              "state your age when asked: amanat consent"};
  }
  return {"unknown", "{what} is not allowed", "run: amanat consent"};
}

Refused refuse(Refusal reason, Purpose purpose, std::optional<Category> category) {
  std::string what;
  if (category) what.append(name_of(*category)).append(" for ");
  what += name_of(purpose);
  const Texts texts = texts_of(reason);
  std::string sentence(texts.sentence);
  if (const auto place = sentence.find("{what}"); place != std::string::npos) {
    sentence.replace(place, 6, what);
  }
  return {.reason = reason,
          .category = category,
          .sentence = std::move(sentence),
          .advice = std::string(texts.advice)};
}

// The first millisecond at which the grant no longer counts: its own end, or the law's if sooner.
Instant end_of(const LawPack& law, const GrantRecord& record) {
  return std::min(record.valid_until, record.valid_from + law.consent_days_max);
}

/// Why this record is not active now; nothing when it is.
std::optional<Refusal> why_inactive(const LawPack& law, const GrantRecord& record, Instant now) {
  switch (record.state) {
    case GrantState::given: break;
    case GrantState::withdrawn: return Refusal::withdrawn;
    case GrantState::revoked: return Refusal::revoked;
    default: return Refusal::refused;  // and whatever a future version may call it
  }
  if (now < record.valid_from) return Refusal::not_yet_valid;
  if (now >= end_of(law, record)) return Refusal::expired;
  return std::nullopt;
}

struct Cover {
  const GrantRecord* active = nullptr;  // the active record that lasts longest
  const GrantRecord* newest = nullptr;  // of the inactive ones
};

Cover find_cover(const LawPack& law, std::span<const GrantRecord> records, Category category,
                 Purpose purpose, Instant now) {
  const auto lasts = [&law](const GrantRecord& r) {
    return std::tuple(end_of(law, r), r.age_class == AgeClass::of_age, r.grant);
  };
  const auto age = [](const GrantRecord& r) {
    return std::tuple(r.changed_at, r.valid_from, r.valid_until, r.state, r.grant);
  };
  Cover cover;
  for (const GrantRecord& record : records) {
    if (record.category != category || record.purpose != purpose) continue;
    if (why_inactive(law, record, now)) {
      if (cover.newest == nullptr || age(record) > age(*cover.newest)) cover.newest = &record;
    } else if (cover.active == nullptr || lasts(record) > lasts(*cover.active)) {
      cover.active = &record;
    }
  }
  return cover;
}

AgeClass more_careful(AgeClass a, AgeClass b) {
  if (a == AgeClass::under_age || b == AgeClass::under_age) return AgeClass::under_age;
  if (a == AgeClass::of_age && b == AgeClass::of_age) return AgeClass::of_age;
  return AgeClass::not_stated;
}

std::optional<Refusal> why_not_at_this_age(const LawPack& law, Purpose purpose, AgeClass age_class,
                                           Instant now) {
  const auto rule = child_rule(law, purpose, local_day(law, now));
  if (!rule || age_class == AgeClass::of_age) return std::nullopt;
  const bool forbidden = *rule == ChildRuleKind::forbidden;
  if (age_class == AgeClass::under_age) {
    return forbidden ? Refusal::forbidden_to_child : Refusal::parent_needed;
  }
  if (forbidden) return Refusal::age_not_stated;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(GrantState state) {
  switch (state) {
    case GrantState::given: return "given";
    case GrantState::refused: return "refused";
    case GrantState::withdrawn: return "withdrawn";
    case GrantState::revoked: return "revoked";
  }
  return "unknown";
}

std::string_view name_of(Refusal refusal) { return texts_of(refusal).name; }

GateAnswer decide(const LawPack& law, std::span<const GrantRecord> records,
                  const Request& request) {
  GateAnswer answer;
  const auto no = [&](Refusal reason, std::optional<Category> category) {
    return GateAnswer{.grants = {}, .refused = refuse(reason, request.purpose, category)};
  };
  if (request.categories.empty()) return no(Refusal::nothing_named, std::nullopt);
  AgeClass age_class = request.age_class;
  for (const Category category : request.categories) {
    const Cover cover = find_cover(law, records, category, request.purpose, request.now);
    if (cover.active == nullptr) {
      if (cover.newest == nullptr) return no(Refusal::not_asked, category);
      return no(why_inactive(law, *cover.newest, request.now).value_or(Refusal::refused), category);
    }
    age_class = more_careful(age_class, cover.active->age_class);
    answer.grants.push_back(cover.active->grant);
  }
  if (const auto reason = why_not_at_this_age(law, request.purpose, age_class, request.now)) {
    return no(*reason, std::nullopt);
  }
  return answer;
}

}  // namespace amanat::consent
