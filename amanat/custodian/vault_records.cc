#include "amanat/custodian/vault_records.h"

#include "amanat/seal/snapshot.h"

namespace amanat::custodian {
namespace {

// So many of a device's newest snapshots are looked at for one of an older key generation.
constexpr std::uint64_t kSnapshotsLookedAtMax = 512;

constexpr std::string_view kDestroy = "UPDATE keyrings SET sealed = NULL, statement = NULL ";

CommitRecord commit_from(store::Statement& row) {
  return {.device = row.id<seal::DeviceId>(0),
          .sequence = row.number(1),
          .hash = row.id<seal::CommitHash>(2),
          .step = row.number(3),
          .head_index = row.number(4)};
}

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

Result<std::optional<CommitRecord>> find_commit(store::Database& database,
                                                const seal::DeviceId& device,
                                                std::uint64_t sequence) {
  auto row = database.prepare(
      "SELECT device, sequence, hash, step, head_index FROM commits "
      "WHERE device = ? AND sequence = ?");
  if (!row) return carry(row);
  const auto found = row->first(device, sequence);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  const CommitRecord record = commit_from(*row);
  if (auto intact = row->intact(); !intact) return carry(intact);
  return record;
}

Result<std::vector<CommitRecord>> list_newest_commits(store::Database& database,
                                                      const seal::AccountId& account) {
  auto row = database.prepare(
      "SELECT device, sequence, hash, step, head_index FROM commits JOIN "
      "(SELECT commits.device, max(sequence) AS sequence FROM commits JOIN devices USING (device) "
      "WHERE account = ? GROUP BY commits.device) USING (device, sequence) ORDER BY device");
  if (!row) return carry(row);
  std::vector<CommitRecord> commits;
  auto more = row->first(account);
  for (; more && *more; more = row->step()) commits.push_back(commit_from(*row));
  if (!more) return carry(more);
  return commits;
}

Result<Bytes> read_snapshot_commit(store::Database& database, const seal::DeviceId& device,
                                   std::optional<seal::Generation> generation) {
  auto row = database.prepare(
      "SELECT statement FROM commits WHERE device = ? AND has_snapshot = 1 "
      "ORDER BY sequence DESC LIMIT ?");
  if (!row) return carry(row);
  auto more = row->first(device, kSnapshotsLookedAtMax);
  for (; more && *more; more = row->step()) {
    if (!generation) return copy(row->blob(0));
    const auto commit = seal::Statement<seal::Commit>::parse(row->blob(0));
    if (!commit) return fail(Code::corrupt, "a commit's statement is damaged");
    const auto sealed = seal::snapshot_generation(commit->body_unverified().snapshot);
    if (sealed && *sealed <= *generation) return copy(row->blob(0));
  }
  if (!more) return carry(more);
  return Bytes{};
}

Result<std::uint64_t> measure_snapshot_commits(store::Database& database,
                                               const seal::AccountId& account,
                                               const seal::DeviceId& but) {
  auto row = database.prepare(
      "SELECT coalesce(sum(length(statement)), 0) FROM commits JOIN "
      "(SELECT commits.device, max(sequence) AS sequence FROM commits JOIN devices USING (device) "
      "WHERE account = ? AND commits.device <> ? AND has_snapshot = 1 GROUP BY commits.device) "
      "USING (device, sequence)");
  if (!row) return carry(row);
  if (auto found = row->first(account, but); !found) return carry(found);
  return row->number(0);
}

Result<> insert_commit(store::Database& database, const CommitRecord& record, bool has_snapshot,
                       ByteView statement) {
  return database.run(
      "INSERT INTO commits (device, sequence, hash, step, head_index, has_snapshot, statement) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      record.device, record.sequence, record.hash, record.step, record.head_index,
      has_snapshot ? 1U : 0U, statement);
}

Result<std::optional<KeyringRecord>> find_keyring(store::Database& database,
                                                  const seal::AccountId& account,
                                                  std::uint32_t version) {
  auto row = database.prepare(
      "SELECT hash, statement_hash, phrase_key, step, head_index, sealed IS NOT NULL "
      "FROM keyrings WHERE account = ? AND version = ?");
  if (!row) return carry(row);
  const auto found = row->first(account, version);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  KeyringRecord record{.account = account,
                       .version = version,
                       .hash = row->id<seal::KeyringHash>(0),
                       .statement_hash = row->id<crypto::Hash>(1),
                       .phrase_key = row->id<crypto::PublicKey>(2),
                       .step = row->number(3),
                       .head_index = row->number(4),
                       .kept = row->number(5) != 0};
  if (auto intact = row->intact(); !intact) return carry(intact);
  return record;
}

Result<KeyringBytes> read_keyring(store::Database& database, const seal::AccountId& account,
                                  std::uint32_t version) {
  auto row =
      database.prepare("SELECT sealed, statement FROM keyrings WHERE account = ? AND version = ?");
  if (!row) return carry(row);
  const auto found = row->first(account, version);
  if (!found) return carry(found);
  if (!*found) return fail(Code::not_found, "there is no such keyring");
  if (row->is_null(0)) return fail(Code::stale, "this version of the keyring was destroyed");
  KeyringBytes bytes{.sealed = copy(row->blob(0)), .statement = copy(row->blob(1))};
  if (auto intact = row->intact(); !intact) return carry(intact);
  return bytes;
}

Result<std::vector<std::uint32_t>> list_keyrings(store::Database& database,
                                                 const seal::AccountId& account) {
  auto row = database.prepare(
      "SELECT version FROM keyrings WHERE account = ? AND "
      "sealed IS NOT NULL ORDER BY version");
  if (!row) return carry(row);
  std::vector<std::uint32_t> versions;
  auto more = row->first(account);
  for (; more && *more; more = row->step()) {
    versions.push_back(static_cast<std::uint32_t>(row->number(0)));
  }
  if (!more) return carry(more);
  return versions;
}

Result<std::vector<crypto::PublicKey>> list_phrase_keys(store::Database& database,
                                                        const seal::AccountId& account) {
  auto row = database.prepare(
      "SELECT phrase_key FROM keyrings WHERE account = ? AND "
      "sealed IS NOT NULL ORDER BY version");
  if (!row) return carry(row);
  std::vector<crypto::PublicKey> keys;
  auto more = row->first(account);
  for (; more && *more; more = row->step()) keys.push_back(row->id<crypto::PublicKey>(0));
  if (!more) return carry(more);
  if (auto intact = row->intact(); !intact) return carry(intact);
  return keys;
}

Result<> insert_keyring(store::Database& database, const KeyringRecord& record,
                        const KeyringBytes& bytes) {
  return database.run(
      "INSERT INTO keyrings (account, version, hash, statement_hash, phrase_key, phrase_key_id, "
      "step, head_index, sealed, statement) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      record.account, record.version, record.hash, record.statement_hash, record.phrase_key,
      crypto::sha256(record.phrase_key.bytes()), record.step, record.head_index, bytes.sealed,
      bytes.statement);
}

Result<> set_keyring_superseded(store::Database& database, const seal::AccountId& account,
                                std::uint32_t version, Instant now) {
  return database.run("UPDATE keyrings SET superseded_at = ? WHERE account = ? AND version = ?",
                      millis_of(now), account, version);
}

Result<> destroy_keyrings_before(store::Database& database, const seal::AccountId& account,
                                 std::uint32_t version) {
  return database.run(
      std::string(kDestroy) + "WHERE sealed IS NOT NULL AND account = ? AND version < ?", account,
      version);
}

Result<> destroy_keyrings_of_other_words(store::Database& database, const seal::AccountId& account,
                                         std::uint32_t version, const crypto::PublicKey& words) {
  return database.run(
      std::string(kDestroy)
          + "WHERE sealed IS NOT NULL AND account = ? AND version < ? AND phrase_key <> ?",
      account, version, words);
}

Result<std::uint64_t> destroy_superseded(store::Database& database, Instant moment) {
  auto done = database.run(
      std::string(kDestroy) + "WHERE sealed IS NOT NULL AND superseded_at <= ?", millis_of(moment));
  if (!done) return carry(done);
  return database.changed_rows();
}

}  // namespace amanat::custodian
