#include "amanat/custodian/schema.h"

#include <array>

#include "amanat/codec/codec.h"
#include "amanat/store/ledger_rows.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kTables = R"(
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE notices (
  sha256 BLOB PRIMARY KEY, purpose INTEGER NOT NULL, language TEXT NOT NULL,
  version INTEGER NOT NULL, valid_from INTEGER NOT NULL, replaces BLOB,
  current INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE accounts (
  account BLOB PRIMARY KEY, phrase_key BLOB NOT NULL, phrase_key_id BLOB NOT NULL UNIQUE,
  sequence INTEGER NOT NULL, keyring INTEGER NOT NULL,
  quota INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE devices (
  device BLOB PRIMARY KEY, account BLOB NOT NULL REFERENCES accounts, device_key BLOB NOT NULL,
  one_time_key BLOB NOT NULL, wrapped INTEGER NOT NULL, added_at INTEGER NOT NULL,
  retired_at INTEGER) WITHOUT ROWID;
CREATE INDEX devices_by_account ON devices (account);

CREATE TABLE events (
  log_index INTEGER PRIMARY KEY, account BLOB NOT NULL REFERENCES accounts, type INTEGER NOT NULL,
  label BLOB NOT NULL UNIQUE, subject BLOB, event BLOB NOT NULL);
CREATE INDEX events_by_account ON events (account, log_index);
CREATE INDEX events_by_subject ON events (subject, log_index) WHERE subject IS NOT NULL;

CREATE TABLE grants (
  grant_id BLOB PRIMARY KEY, account BLOB NOT NULL REFERENCES accounts,
  category INTEGER NOT NULL, purpose INTEGER NOT NULL, age_class INTEGER NOT NULL,
  state INTEGER NOT NULL, consent_key BLOB NOT NULL, notice BLOB NOT NULL,
  given_at INTEGER NOT NULL, valid_from INTEGER NOT NULL, valid_until INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  final_at INTEGER,
  log_index INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX grants_by_account ON grants (account, log_index);
CREATE INDEX grants_ending ON grants (final_at) WHERE final_at IS NOT NULL;

CREATE TABLE packs (
  id INTEGER PRIMARY KEY, account BLOB NOT NULL REFERENCES accounts, pack BLOB NOT NULL,
  blob BLOB NOT NULL UNIQUE, frames INTEGER NOT NULL, state INTEGER NOT NULL,
  event BLOB NOT NULL, frame_roots BLOB NOT NULL, stored_at INTEGER NOT NULL,
  log_index INTEGER UNIQUE, erase_due INTEGER, erase_index INTEGER, UNIQUE (account, pack));
CREATE INDEX packs_waiting ON packs (stored_at) WHERE state = 1;
CREATE INDEX packs_due ON packs (erase_due) WHERE erase_due IS NOT NULL;

CREATE TABLE pack_grants (
  grant_id BLOB NOT NULL REFERENCES grants, id INTEGER NOT NULL REFERENCES packs ON DELETE CASCADE,
  PRIMARY KEY (grant_id, id)) WITHOUT ROWID;
CREATE INDEX pack_grants_by_pack ON pack_grants (id);

CREATE TABLE commits (
  device BLOB NOT NULL REFERENCES devices, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
  step INTEGER NOT NULL, head_index INTEGER NOT NULL, has_snapshot INTEGER NOT NULL,
  statement BLOB NOT NULL, PRIMARY KEY (device, sequence)) WITHOUT ROWID;
CREATE INDEX commits_with_snapshot ON commits (device, sequence) WHERE has_snapshot = 1;

CREATE TABLE keyrings (
  account BLOB NOT NULL REFERENCES accounts, version INTEGER NOT NULL, hash BLOB NOT NULL,
  statement_hash BLOB NOT NULL, phrase_key BLOB NOT NULL, phrase_key_id BLOB NOT NULL,
  step INTEGER NOT NULL, head_index INTEGER NOT NULL, superseded_at INTEGER,
  sealed BLOB, statement BLOB, PRIMARY KEY (account, version)) WITHOUT ROWID;
CREATE INDEX keyrings_by_phrase ON keyrings (phrase_key_id) WHERE sealed IS NOT NULL;
CREATE INDEX keyrings_superseded ON keyrings (superseded_at)
  WHERE sealed IS NOT NULL AND superseded_at IS NOT NULL;

CREATE TABLE auditors (
  key_id BLOB PRIMARY KEY, key BLOB NOT NULL, added_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE challenges (
  nonce_hash BLOB PRIMARY KEY, auditor BLOB NOT NULL, log_index INTEGER NOT NULL) WITHOUT ROWID;
)";

}  // namespace

std::span<const std::string_view> schema() {
  static const std::array<std::string_view, 2> steps{store::kLedgerSchema, kTables};
  return steps;
}

Result<std::optional<Bytes>> read_fact(store::Database& database, std::string_view name) {
  auto select = database.prepare("SELECT value FROM facts WHERE name = ?");
  if (!select) return carry(select);
  const auto found = select->first(name);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  const ByteView value = select->blob(0);
  return Bytes(value.begin(), value.end());
}

Result<> write_fact(store::Database& database, std::string_view name, ByteView value) {
  return database.run("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, value);
}

Result<std::optional<std::uint64_t>> read_number_fact(store::Database& database,
                                                      std::string_view name) {
  const auto bytes = read_fact(database, name);
  if (!bytes) return carry(bytes);
  if (!*bytes) return std::nullopt;
  codec::Reader reader(**bytes);
  const std::uint64_t value = reader.u64();
  if (!reader.finish(name)) return fail(Code::corrupt, "a number in the database is damaged");
  return value;
}

Result<> write_number_fact(store::Database& database, std::string_view name, std::uint64_t value) {
  codec::Writer writer;
  writer.u64(value);
  return write_fact(database, name, writer.bytes());
}

}  // namespace amanat::custodian
