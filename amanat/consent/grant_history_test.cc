#include "amanat/consent/grant_history.h"

#include <doctest/doctest.h>

namespace amanat::consent {
namespace {

using namespace std::chrono_literals;

const Instant kStart = instant_from_millis(1'795'500'000'000);

GrantId grant() {
  GrantId id;
  id.fill().front() = 7;
  return id;
}

Decision decision(DecisionKind kind, Instant at) {
  Decision decision;
  decision.kind = kind;
  decision.category = Category::photos;
  decision.language = "en";
  decision.shown_at = at;
  decision.decided_at = at;
  if (!is_first_decision(kind)) decision.grant = grant();
  if (gives_consent(kind)) decision.valid_until = at + 1000h;
  return decision;
}

GrantRecord given() { return begin_grant(grant(), decision(DecisionKind::given, kStart)).value(); }

}  // namespace

TEST_CASE("a grant is given, renewed, withdrawn, taken back in time, and revoked for good") {
  GrantRecord record = given();
  CHECK(record.state == GrantState::given);
  CHECK(record.valid_until == kStart + 1000h);
  CHECK(apply_decision(record, decision(DecisionKind::renewed, kStart + 1h)));
  CHECK(record.valid_until == kStart + 1001h);
  CHECK(apply_decision(record, decision(DecisionKind::withdrawn, kStart + 2h)));
  CHECK(record.state == GrantState::withdrawn);
  CHECK(apply_decision(record, decision(DecisionKind::withdraw_cancelled, kStart + 3h)));
  CHECK(record.state == GrantState::given);
  CHECK(record.valid_until == kStart + 1001h);
  CHECK(apply_decision(record, decision(DecisionKind::revoked, kStart + 4h)));
  for (const auto kind : {DecisionKind::renewed, DecisionKind::withdrawn,
                          DecisionKind::withdraw_cancelled, DecisionKind::revoked}) {
    CHECK(apply_decision(record, decision(kind, kStart + 5h)).error().code == Code::conflict);
  }
}

TEST_CASE("a withdrawal can be taken back for 72 hours, and not at the 72nd") {
  GrantRecord in_time = given();
  REQUIRE(apply_decision(in_time, decision(DecisionKind::withdrawn, kStart + 1h)));
  GrantRecord too_late = in_time;
  CHECK(apply_decision(in_time, decision(DecisionKind::withdraw_cancelled, kStart + 73h - 1ms)));
  CHECK_FALSE(apply_decision(too_late, decision(DecisionKind::withdraw_cancelled, kStart + 73h)));
  CHECK(too_late.state == GrantState::withdrawn);
}

TEST_CASE("a decision that does not follow changes nothing") {
  const GrantRecord before = given();
  GrantRecord record = before;
  Decision other = decision(DecisionKind::withdrawn, kStart + 1h);
  other.category = Category::videos;
  CHECK(apply_decision(record, other).error().code == Code::invalid_input);
  other = decision(DecisionKind::withdrawn, kStart + 1h);
  other.grant = GrantId{};
  CHECK(apply_decision(record, other).error().code == Code::invalid_input);
  CHECK(apply_decision(record, decision(DecisionKind::given, kStart + 1h)).error().code
        == Code::invalid_input);
  CHECK(apply_decision(record, decision(DecisionKind::withdrawn, kStart - 1ms)).error().code
        == Code::conflict);
  CHECK(apply_decision(record, decision(DecisionKind::withdraw_cancelled, kStart + 1h)).error().code
        == Code::conflict);
  CHECK(record == before);
}

TEST_CASE("a refusal is a record too, and nothing follows it") {
  GrantRecord record = begin_grant(grant(), decision(DecisionKind::refused, kStart)).value();
  CHECK(record.state == GrantState::refused);
  CHECK_FALSE(apply_decision(record, decision(DecisionKind::renewed, kStart + 1h)));
  CHECK_FALSE(begin_grant(grant(), decision(DecisionKind::renewed, kStart)));
}

}  // namespace amanat::consent
