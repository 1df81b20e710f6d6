#pragma once

// Grants as the gate needs them, and what of them is asked for elsewhere.

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/consent/gate.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

struct StoredGrant {
  consent::GrantRecord record;
  seal::AccountId account;
  crypto::PublicKey consent_key;    // signs everything about this grant
  Instant given_at;                 // the first decision; a renewal moves record.valid_from
  std::optional<Instant> final_at;  // of one that has ended: from then on its data is erased
  std::uint64_t index = 0;          // of the consent_grant event
};

/// The account's grant of this name; not_found when it has none, or another account has it.
Result<StoredGrant> read_grant(store::Database& database, const seal::AccountId& account,
                               const consent::GrantId& grant);
/// All grants of an account, in the order of the log.
Result<std::vector<StoredGrant>> list_grants(store::Database& database,
                                             const seal::AccountId& account);
/// Whether the account has a given grant for this category and purpose.
Result<bool> has_given_grant(store::Database& database, const seal::AccountId& account,
                             consent::Category category, consent::Purpose purpose);

Result<> insert_grant(store::Database& database, const StoredGrant& grant);
/// Writes what a later decision changes.
Result<> update_grant(store::Database& database, const StoredGrant& grant);
/// Ends the waiting time of every withdrawal of the account: a confirmed keyring was stored.
Result<> finish_withdrawals(store::Database& database, const seal::AccountId& account, Instant now);

}  // namespace amanat::custodian
