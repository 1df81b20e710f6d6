#pragma once

// Commits and keyrings: the history of a vault, step by step.

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/ids.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

struct CommitRecord {
  seal::DeviceId device;
  std::uint64_t sequence = 0;  // of the device
  seal::CommitHash hash;
  std::uint64_t step = 0;        // of the account
  std::uint64_t head_index = 0;  // of the vault_head event
};

Result<std::optional<CommitRecord>> find_commit(store::Database& database,
                                                const seal::DeviceId& device,
                                                std::uint64_t sequence);
/// The newest commit of each device of the account that has committed, ascending by device.
Result<std::vector<CommitRecord>> list_newest_commits(store::Database& database,
                                                      const seal::AccountId& account);
/// The statement of the device's newest commit with a snapshot, of this key generation or an older
/// one where a generation is given; empty when there is none.
Result<Bytes> read_snapshot_commit(store::Database& database, const seal::DeviceId& device,
                                   std::optional<seal::Generation> generation = {});
/// The length of all newest commits with a snapshot, except that of `but`.
Result<std::uint64_t> measure_snapshot_commits(store::Database& database,
                                               const seal::AccountId& account,
                                               const seal::DeviceId& but);
Result<> insert_commit(store::Database& database, const CommitRecord& record, bool has_snapshot,
                       ByteView statement);

struct KeyringRecord {
  seal::AccountId account;
  std::uint32_t version = 0;
  seal::KeyringHash hash;
  crypto::Hash statement_hash;
  crypto::PublicKey phrase_key;
  std::uint64_t step = 0;
  std::uint64_t head_index = 0;
  bool kept = true;  // false: its bytes and statement are destroyed
};
struct KeyringBytes {
  Bytes sealed;
  Bytes statement;
};

Result<std::optional<KeyringRecord>> find_keyring(store::Database& database,
                                                  const seal::AccountId& account,
                                                  std::uint32_t version);
/// stale when the version was destroyed, not_found when there never was one.
Result<KeyringBytes> read_keyring(store::Database& database, const seal::AccountId& account,
                                  std::uint32_t version);
/// The versions that are kept, ascending.
Result<std::vector<std::uint32_t>> list_keyrings(store::Database& database,
                                                 const seal::AccountId& account);
/// The phrase keys of the versions that are kept, the oldest first: that one is settled
/// (docs/format.md §11.3).
Result<std::vector<crypto::PublicKey>> list_phrase_keys(store::Database& database,
                                                        const seal::AccountId& account);
Result<> insert_keyring(store::Database& database, const KeyringRecord& record,
                        const KeyringBytes& bytes);
/// Notes when the waiting time of a version began: its successor was logged.
Result<> set_keyring_superseded(store::Database& database, const seal::AccountId& account,
                                std::uint32_t version, Instant now);
/// Overwrites sealed bytes and wraps (secure_delete). The file's log still has them until
/// Database::checkpoint.
/// Destroys the kept versions before `version` that brought other words than these.
Result<> destroy_keyrings_of_other_words(store::Database& database, const seal::AccountId& account,
                                         std::uint32_t version, const crypto::PublicKey& words);
Result<> destroy_keyrings_before(store::Database& database, const seal::AccountId& account,
                                 std::uint32_t version);
/// Destroys all versions superseded before `moment`; returns how many.
Result<std::uint64_t> destroy_superseded(store::Database& database, Instant moment);

}  // namespace amanat::custodian
