#include "amanat/phone/session_refresh.h"

#include <algorithm>
#include <utility>

#include "amanat/phone/grants_elsewhere.h"
#include "amanat/phone/lost_keys.h"
#include "amanat/phone/vault_steps.h"
#include "amanat/phone/withdraw.h"

namespace amanat::phone {
namespace {

/// The first version kept here that lacks the grant's keys; the newest is known to lack them.
Result<std::uint32_t> first_without(Session& session, const consent::GrantId& id) {
  std::vector<std::uint32_t> versions = session.keys().versions();
  std::ranges::reverse(versions);
  std::uint32_t first = session.keyring().version();
  for (const std::uint32_t version : versions) {
    if (version >= first) continue;
    auto keyring = session.keys().open_keyring(version);
    if (!keyring) return carry(keyring);
    const seal::KeyringGrant* grant = keyring->body.find_grant(id);
    if (grant == nullptr || grant->state == seal::GrantState::given) break;
    first = version;
  }
  return first;
}

/// Everything known about one grant of the keyring.
struct Known {
  const seal::KeyringGrant& grant;
  bool is_given_at_custodian = false;
  consent::GrantState state = consent::GrantState::given;  // in phone.db
  std::optional<PendingWithdrawal> pending;

  bool is_given_in_keyring() const { return grant.state == seal::GrantState::given; }
};

Result<> note_withdrawal(Session& session, const Known& known, RefreshReport& report) {
  PendingWithdrawal pending{.grant = known.grant.commitment,
                            .category = known.grant.category,
                            .logged_at = session.clock().now(),
                            .keyring_version = 0};
  if (known.pending) {
    pending = *known.pending;
  } else if (known.state == consent::GrantState::withdrawn) {
    return {};  // over already
  }
  if (pending.keyring_version != 0 && known.is_given_in_keyring()) {
    pending.keyring_version = 0;  // older words took back the keyring without the key
    report.withdraw_again.push_back(known.grant.category);
  } else if (pending.keyring_version == 0 && !known.is_given_in_keyring()) {
    auto version = first_without(session, known.grant.commitment);
    if (!version) return carry(version);
    pending.keyring_version = *version;
  }
  auto transaction = store::Transaction::begin(session.records().database());
  if (!transaction) return carry(transaction);
  if (known.state == consent::GrantState::given) {
    auto done = session.records().set_grant_state(
        known.grant.commitment, consent::GrantState::withdrawn, session.clock().now());
    if (!done) return done;
    report.withdrawn_elsewhere.push_back(known.grant.category);
  }
  if (auto done = session.records().keep_withdrawal(pending); !done) return done;
  return transaction->commit();
}

/// Another device cancelled a withdrawal, and the keys are back.
Result<> note_return(Session& session, const Known& known, RefreshReport& report) {
  auto transaction = store::Transaction::begin(session.records().database());
  if (!transaction) return carry(transaction);
  auto done = session.records().set_grant_state(known.grant.commitment, consent::GrantState::given,
                                                session.clock().now());
  if (done) done = session.records().forget_withdrawal(known.grant.commitment);
  if (!done) return done;
  report.given_elsewhere.push_back(known.grant.category);
  return transaction->commit();
}

Result<> apply_one(Session& session, const Known& known, RefreshReport& report) {
  const bool is_given_here = known.state == consent::GrantState::given;
  // A cancellation of this phone that was cut off: `complete_due_withdrawals` goes on with it.
  if (is_given_here && known.is_given_at_custodian && known.pending) return {};
  if (!known.is_given_at_custodian || !known.is_given_in_keyring()) {
    return note_withdrawal(session, known, report);
  }
  return is_given_here ? Result<>() : note_return(session, known, report);
}

Result<> apply_grants(Session& session, const api::Heads& heads, RefreshReport& report) {
  auto records = session.records().grant_records();
  if (!records) return carry(records);
  auto withdrawals = session.records().withdrawals();
  if (!withdrawals) return carry(withdrawals);
  for (const seal::KeyringGrant& grant : session.keyring().body.grants) {
    const auto listed =
        std::ranges::find(heads.grants, grant.commitment, &api::Heads::Grant::commitment);
    const auto record = std::ranges::find(*records, grant.commitment, &consent::GrantRecord::grant);
    const auto pending =
        std::ranges::find(*withdrawals, grant.commitment, &PendingWithdrawal::grant);
    if (listed == heads.grants.end() || record == records->end()) continue;
    Known known{.grant = grant,
                .is_given_at_custodian = listed->state == "given",
                .state = record->state,
                .pending = {}};
    if (pending != withdrawals->end()) known.pending = *pending;
    if (auto done = apply_one(session, known, report); !done) return done;
  }
  return {};
}

}  // namespace

Result<RefreshReport> refresh_session(Session& session) {
  RefreshReport report;
  if (auto done = session.send_pending_events(); !done) return carry(done);
  auto heads = session.link().heads(session.device());
  if (!heads) return carry(heads);
  if (auto done = catch_up_keyring(session, *heads); !done) return carry(done);
  if (auto done = put_back_lost_keys(session); !done) return carry(done);
  auto given = remember_grants(session.records(), session.link(), session.keyring().body, *heads);
  if (!given) return carry(given, "taking over consents of other devices");
  for (const consent::Category category : *given) report.given_elsewhere.push_back(category);
  if (auto done = apply_grants(session, *heads, report); !done) {
    return carry(done, "applying what other devices withdrew");
  }
  auto completed = complete_due_withdrawals(session);
  if (!completed) return carry(completed);
  report.completed = std::move(*completed);
  if (auto done = retire_old_keyrings(session); !done) return carry(done);
  return report;
}

}  // namespace amanat::phone
