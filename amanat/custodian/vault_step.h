#pragma once

// What commits and keyrings have in common: each is one step of an account's vault, and comes with
// a vault_head event that commits to where all devices stand afterwards (docs/format.md §10.3).

#include <cstdint>

#include "amanat/custodian/account_records.h"
#include "amanat/custodian/sequencer.h"
#include "amanat/error/error.h"
#include "amanat/seal/commit.h"
#include "amanat/tlog/event.h"

namespace amanat::custodian {

/// A step as the phone announces it.
struct VaultStep {
  std::uint64_t sequence = 0;  // s
  tlog::Event head;
};

/// conflict unless this is the account's next step and its head's label is new.
Result<> check_next_step(store::Database& database, const AccountRecord& account,
                         const VaultStep& step);

/// conflict unless the head commits to this keyring and the newest commits. `newer` replaces or
/// joins the commit of its device; nullptr for a keyring.
Result<> check_head(store::Database& database, const AccountRecord& account, const VaultStep& step,
                    std::uint32_t keyring_version, const seal::KeyringHash& keyring,
                    const seal::DeviceHead* newer);

/// Whether a logged head is the one that the caller sends again; conflict when not.
Result<> check_same_head(store::Database& database, const seal::AccountId& account,
                         const VaultStep& step, std::uint64_t logged_step,
                         std::uint64_t head_index);

}  // namespace amanat::custodian
