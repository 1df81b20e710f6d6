#pragma once

// Accounts and their devices, as they stand in the database.

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/api/signature_input.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

struct AccountRecord {
  seal::AccountId account;
  crypto::PublicKey phrase_key;  // the newest
  std::uint64_t sequence = 0;    // commits and keyrings so far
  std::uint32_t keyring = 0;     // newest version; 0 before the first
  std::uint64_t quota = 0;       // bytes
  std::uint64_t used = 0;        // bytes of packs that are not erased
};

struct DeviceRecord {
  seal::DeviceId device;
  seal::AccountId account;
  crypto::PublicKey device_key;
  crypto::BoxPublicKey one_time_key;  // the newest it published
  bool wrapped = false;               // a keyring was wrapped for it
  std::optional<Instant> retired_at;
};

/// not_found when there is no such account.
Result<AccountRecord> read_account(store::Database& database, const seal::AccountId& account);
Result<std::optional<AccountRecord>> find_account(store::Database& database,
                                                  const seal::AccountId& account);
Result<> insert_account(store::Database& database, const AccountRecord& record);
/// Writes all but the account's name and quota.
Result<> update_account(store::Database& database, const AccountRecord& record);
/// Adds to what the account uses; `bytes` may be negative.
Result<> change_usage(store::Database& database, const seal::AccountId& account,
                      std::int64_t bytes);

/// The account that this phrase key opens: its newest, or that of a keyring which is still kept.
struct PhraseKeyRecord {
  seal::AccountId account;
  crypto::PublicKey phrase_key;
};
Result<std::optional<PhraseKeyRecord>> find_phrase_key(store::Database& database,
                                                       const api::KeyId& key);

Result<std::optional<DeviceRecord>> find_device(store::Database& database,
                                                const seal::DeviceId& device);
/// Those that are not retired, ascending.
Result<std::vector<DeviceRecord>> list_devices(store::Database& database,
                                               const seal::AccountId& account);
/// All that the account ever had.
Result<std::uint64_t> count_devices(store::Database& database, const seal::AccountId& account);
Result<> insert_device(store::Database& database, const DeviceRecord& record, Instant now);
Result<> update_device(store::Database& database, const DeviceRecord& record);

}  // namespace amanat::custodian
