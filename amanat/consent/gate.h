#pragma once

// The gate: may data of these categories serve this purpose now?
//
// One pure function, called by the phone before sealing, by the custodian on arrival and again
// while it sequences, and by the opener before it uses anything. The same records give the same
// answer everywhere, in whatever order they come. Every category of an item needs an active grant
// for the same purpose; whatever is not known is a no.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/consent/category.h"
#include "amanat/consent/decision.h"
#include "amanat/consent/grant_id.h"
#include "amanat/consent/law.h"

namespace amanat::consent {

/// Where a grant stands after all its decisions. A renewed grant is given, with a later end; so is
/// one whose withdrawal was cancelled.
enum class GrantState : std::uint8_t { given, refused, withdrawn, revoked };
std::string_view name_of(GrantState state);

/// One answer of a person, as the gate needs it.
struct GrantRecord {
  GrantId grant;
  Category category = Category::other;
  Purpose purpose = Purpose::custody;
  GrantState state = GrantState::refused;
  Instant valid_from;   // when it was decided
  Instant valid_until;  // the first millisecond at which it no longer counts
  Instant changed_at;   // when the last decision about it was made
  AgeClass age_class = AgeClass::not_stated;
  NoticeId notice;

  friend bool operator==(const GrantRecord&, const GrantRecord&) = default;
};

struct Request {
  CategorySet categories;
  Purpose purpose = Purpose::custody;
  AgeClass age_class = AgeClass::not_stated;
  Instant now;
};

enum class Refusal : std::uint8_t {
  nothing_named,       // the request names no category
  not_asked,           // no record: the person was never asked
  refused,             // asked, and said no
  withdrawn,           // said yes, then no
  revoked,             // ended by someone entitled to
  expired,             // the consent, or the longest time the law gives one, is over
  not_yet_valid,       // it begins later than now
  forbidden_to_child,  // the law forbids this purpose for children
  parent_needed,       // the law asks for a parent
  age_not_stated,      // the law distinguishes, and nobody said
};
/// `not-asked`, `withdrawn`, …: for machines.
std::string_view name_of(Refusal refusal);

struct Refused {
  Refusal reason = Refusal::not_asked;
  std::optional<Category> category;  // the first in registry order that fails; none: the request
  std::string sentence;              // "you have not been asked about location for custody yet"
  std::string advice;                // "run: amanat consent"
};

struct GateAnswer {
  std::vector<GrantId> grants;     // when allowed: one for each category, in registry order
  std::optional<Refused> refused;  // when not
  bool is_allowed() const { return !refused; }
};

/// Decides. Of several active grants for one category the one that lasts longest covers it.
///
///   records   any number in any order; those of other purposes and categories do not matter
///   age       of the request and the covering grants the most careful counts: under age before
///             not stated before of age
GateAnswer decide(const LawPack& law, std::span<const GrantRecord> records, const Request& request);

}  // namespace amanat::consent
