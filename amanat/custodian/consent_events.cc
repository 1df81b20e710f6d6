#include "amanat/custodian/consent_events.h"

#include "amanat/consent/grant_history.h"
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

/// The grant that a later decision is about: the account's, under the same key.
Result<StoredGrant> read_own_grant(const Step& step) {
  auto grant = read_grant(step.database(), step.account, step.decision.grant);
  if (!grant) return carry(grant);
  if (grant->consent_key != step.decision.consent_key) {
    return fail(Code::forged, "the decision is signed by another key than its grant");
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
  const auto record = consent::begin_grant(name, step.decision);
  if (!record) return carry(record);
  const auto index = log_event(step.turn, step.account, step.event, subject_of(name));
  if (!index) return carry(index);
  return insert_grant(step.database(), {.record = *record,
                                        .account = step.account,
                                        .consent_key = step.decision.consent_key,
                                        .given_at = step.decision.decided_at,
                                        .final_at = {},
                                        .index = *index});
}

/// What a later decision makes of its grant. The waiting time runs on our clock, from the moment
/// the withdrawal was logged.
Result<> change(const Step& step, StoredGrant& grant) {
  const Instant now = step.turn.now();
  if (step.decision.kind == DecisionKind::withdraw_cancelled) {
    if (grant.final_at && *grant.final_at <= now) {
      return fail(Code::conflict, "the withdrawal can no longer be cancelled");
    }
    if (auto free = check_place_is_free(step); !free) return free;
  }
  if (auto done = consent::apply_decision(grant.record, step.decision); !done) return done;
  if (grant.record.state == GrantState::given) {
    grant.final_at.reset();
  } else if (!grant.final_at) {
    grant.final_at = now + kWithdrawalWait;
  }
  return {};
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
