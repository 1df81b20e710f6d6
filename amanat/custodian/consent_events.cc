#include "amanat/custodian/consent_events.h"

#include "amanat/custodian/event_records.h"
#include "amanat/custodian/grant_records.h"
#include "amanat/custodian/notice_records.h"
#include "amanat/custodian/settings.h"

namespace amanat::custodian {
namespace {

using consent::Decision;
using consent::DecisionKind;
using consent::GrantState;

/// One decision on its way into the records.
struct Step {
  Turn& turn;
  const seal::AccountId& account;
  const tlog::Event& event;
  const Decision& decision;

  store::Database& database() const { return turn.database(); }
};

Result<> check_notice(const Step& step) {
  const auto notice = find_notice(step.database(), step.decision.notice);
  if (!notice) return carry(notice);
  if (!*notice || (*notice)->language != step.decision.language
      || (*notice)->purpose != step.decision.purpose) {
    return fail(Code::denied, "the decision names a notice that was not published here");
  }
  return {};
}

Result<> check_time(const Step& step) {
  const Instant now = step.turn.now();
  if (step.decision.decided_at + kDecisionAgeMax < now) {
    return fail(Code::stale, "the decision is more than a day old: ask again");
  }
  if (step.decision.decided_at > now + kClockAheadMax) {
    return fail(Code::invalid_input, "the decision lies in the future: set the clock");
  }
  return {};
}

Result<> check_place_is_free(const Step& step) {
  const auto taken =
      has_given_grant(step.database(), step.account, step.decision.category, step.decision.purpose);
  if (!taken) return carry(taken);
  if (*taken) {
    return fail(Code::conflict, "there is a consent for this category and purpose already");
  }
  return {};
}

/// The grant that a later decision is about: the account's, the same subject, the same key.
Result<StoredGrant> read_own_grant(const Step& step) {
  auto grant = read_grant(step.database(), step.account, step.decision.grant);
  if (!grant) return carry(grant);
  if (grant->consent_key != step.decision.consent_key) {
    return fail(Code::forged, "the decision is signed by another key than its grant");
  }
  if (grant->record.category != step.decision.category
      || grant->record.purpose != step.decision.purpose) {
    return fail(Code::invalid_input, "the decision is about something else than its grant");
  }
  return grant;
}

Result<> log_about(const Step& step, const std::optional<Subject>& subject) {
  const auto index = log_event(step.turn, step.account, step.event, subject);
  if (!index) return carry(index);
  return {};
}

Result<> apply_given(const Step& step) {
  if (auto free = check_place_is_free(step); !free) return free;
  const auto name = tlog::grant_named_by(step.event.commitment);
  const Decision& decision = step.decision;
  const auto index = log_event(step.turn, step.account, step.event, subject_of(name));
  if (!index) return carry(index);
  return insert_grant(step.database(), {.record = {.grant = name,
                                                   .category = decision.category,
                                                   .purpose = decision.purpose,
                                                   .state = GrantState::given,
                                                   .valid_from = decision.decided_at,
                                                   .valid_until = decision.valid_until,
                                                   .changed_at = decision.decided_at,
                                                   .age_class = decision.age_class,
                                                   .notice = decision.notice},
                                        .account = step.account,
                                        .consent_key = decision.consent_key,
                                        .final_at = {},
                                        .index = *index});
}

/// What a later decision makes of its grant.
Result<> change(const Step& step, StoredGrant& grant) {
  const Instant now = step.turn.now();
  const bool is_given = grant.record.state == GrantState::given;
  grant.record.changed_at = step.decision.decided_at;
  switch (step.decision.kind) {
    case DecisionKind::renewed:
      if (!is_given) return fail(Code::conflict, "only a consent that was given can be renewed");
      grant.record.valid_until = step.decision.valid_until;
      grant.record.age_class = step.decision.age_class;
      grant.record.notice = step.decision.notice;
      return {};
    case DecisionKind::withdrawn:
    case DecisionKind::revoked:
      if (!is_given) return fail(Code::conflict, "this consent has ended already");
      grant.record.state = step.decision.kind == DecisionKind::withdrawn ? GrantState::withdrawn
                                                                         : GrantState::revoked;
      grant.final_at = now + kWithdrawalWait;
      return {};
    case DecisionKind::withdraw_cancelled:
      if (grant.record.state != GrantState::withdrawn || *grant.final_at <= now) {
        return fail(Code::conflict, "there is no withdrawal that could still be cancelled");
      }
      if (auto free = check_place_is_free(step); !free) return free;
      grant.record.state = GrantState::given;
      grant.final_at.reset();
      return {};
    case DecisionKind::given:
    case DecisionKind::refused: break;
  }
  return fail(Code::invalid_input, "a first decision changes no grant");
}

Result<> apply_later(const Step& step) {
  auto grant = read_own_grant(step);
  if (!grant) return carry(grant);
  if (auto changed = change(step, *grant); !changed) return changed;
  if (auto done = update_grant(step.database(), *grant); !done) return done;
  return log_about(step, subject_of(step.decision.grant));
}

Result<> apply_decision(const Step& step) {
  if (auto published = check_notice(step); !published) return published;
  if (auto timely = check_time(step); !timely) return timely;
  switch (step.decision.kind) {
    case DecisionKind::given: return apply_given(step);
    case DecisionKind::refused: return log_about(step, {});
    default: return apply_later(step);
  }
}

Result<> apply_erasure_receipt(Turn& turn, const seal::AccountId& account, const tlog::Event& event,
                               const seal::Statement<seal::ErasureReceipt>& statement) {
  const auto name = statement.body_unverified().grant;
  const auto grant = read_grant(turn.database(), account, name);
  if (!grant) return carry(grant);
  const auto receipt = statement.verify(grant->consent_key);
  if (!receipt) return carry(receipt);
  if (grant->record.state == GrantState::given) {
    return fail(Code::conflict, "this consent has not ended");
  }
  const auto index = log_event(turn, account, event, subject_of(name));
  if (!index) return carry(index);
  return {};
}

}  // namespace

Result<> apply_consent_event(Turn& turn, const seal::AccountId& account,
                             const PostedEvent& posted) {
  if (const auto* decision = std::get_if<Decision>(&posted.content)) {
    return apply_decision({turn, account, posted.event, *decision});
  }
  if (const auto* statement = std::get_if<seal::Statement<seal::ErasureReceipt>>(&posted.content)) {
    return apply_erasure_receipt(turn, account, posted.event, *statement);
  }
  const auto index = log_event(turn, account, posted.event, {});
  if (!index) return carry(index);
  return {};
}

}  // namespace amanat::custodian
