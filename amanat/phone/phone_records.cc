#include "amanat/phone/phone_records.h"

#include <array>
#include <string>

namespace amanat::phone {
namespace {

using store::Database;
using store::Statement;

constexpr auto kMigrations = std::to_array<std::string_view>({R"sql(
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  label_index INTEGER PRIMARY KEY,
  event BLOB NOT NULL,
  receipt BLOB) STRICT;
CREATE TABLE grants (
  commitment BLOB PRIMARY KEY,
  category INTEGER NOT NULL, purpose INTEGER NOT NULL, state INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_until INTEGER NOT NULL, changed_at INTEGER NOT NULL,
  age_class INTEGER NOT NULL, notice BLOB NOT NULL,
  statement BLOB NOT NULL, log_index INTEGER NOT NULL) STRICT;
CREATE TABLE withdrawals (
  commitment BLOB PRIMARY KEY, category INTEGER NOT NULL,
  logged_at INTEGER NOT NULL, keyring_version INTEGER NOT NULL) STRICT;
CREATE TABLE packs (
  id BLOB PRIMARY KEY, compartment BLOB NOT NULL,
  frames INTEGER NOT NULL, generation INTEGER NOT NULL,
  label_index INTEGER NOT NULL, state INTEGER NOT NULL, indexed INTEGER NOT NULL) STRICT;
CREATE TABLE blobs (
  compartment BLOB NOT NULL, name BLOB NOT NULL, pack BLOB NOT NULL,
  offset INTEGER NOT NULL, stored INTEGER NOT NULL, raw INTEGER NOT NULL,
  codec INTEGER NOT NULL, dictionary INTEGER NOT NULL, type INTEGER NOT NULL,
  PRIMARY KEY (compartment, name)) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_by_pack ON blobs (pack);
CREATE TABLE segments (
  compartment BLOB NOT NULL, pack BLOB NOT NULL, name BLOB NOT NULL,
  PRIMARY KEY (compartment, name)) STRICT, WITHOUT ROWID;
CREATE TABLE trees (compartment BLOB PRIMARY KEY, pack BLOB NOT NULL, root BLOB NOT NULL) STRICT;
CREATE TABLE unsaved_trees (compartment BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, node BLOB NOT NULL) STRICT;
CREATE TABLE folders (
  root INTEGER NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
  path BLOB NOT NULL, node BLOB NOT NULL,
  PRIMARY KEY (root, path)) STRICT, WITHOUT ROWID;
CREATE TABLE files (
  root INTEGER NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
  path BLOB NOT NULL, state INTEGER NOT NULL, compartment BLOB NOT NULL,
  device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
  categories TEXT NOT NULL, scanned_with BLOB NOT NULL, reason TEXT NOT NULL, node BLOB NOT NULL,
  PRIMARY KEY (root, path)) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_compartment ON files (compartment);
)sql"});

/// Runs `read` on every row of a query without parameters.
template <class Item, class Read>
Result<std::vector<Item>> read_rows(Database& database, std::string_view sql, Read read) {
  auto statement = database.prepare(sql);
  if (!statement) return carry(statement);
  std::vector<Item> items;
  while (true) {
    auto row = statement->step();
    if (!row) return carry(row);
    if (!*row) break;
    auto item = read(*statement);
    if (!item) return carry(item);
    if (auto intact = statement->intact(); !intact) return carry(intact);
    items.push_back(std::move(*item));
  }
  return items;
}

Result<KeptEvent> read_event_row(Statement& row) {
  auto event = tlog::parse_event(row.blob(1));
  if (!event) return carry(event, "an event in phone.db");
  KeptEvent kept{.label_index = row.number(0), .event = std::move(*event), .receipt = {}};
  if (!row.is_null(2)) {
    auto receipt = tlog::parse_receipt(row.blob(2));
    if (!receipt) return carry(receipt, "a receipt in phone.db");
    kept.receipt = std::move(*receipt);
  }
  return kept;
}

Result<KeptGrant> read_grant_row(Statement& row) {
  KeptGrant kept;
  kept.record.grant = row.id<consent::GrantId>(0);
  const auto category = consent::category_from_byte(static_cast<std::uint8_t>(row.number(1)));
  const auto purpose = consent::purpose_from_byte(static_cast<std::uint8_t>(row.number(2)));
  if (!category || !purpose) return fail(Code::corrupt, "phone.db names an unknown category");
  kept.record.category = *category;
  kept.record.purpose = *purpose;
  kept.record.state = static_cast<consent::GrantState>(row.number(3));
  kept.record.valid_from = instant_from_millis(row.number(4));
  kept.record.valid_until = instant_from_millis(row.number(5));
  kept.record.changed_at = instant_from_millis(row.number(6));
  kept.record.age_class = static_cast<consent::AgeClass>(row.number(7));
  kept.record.notice = row.id<consent::NoticeId>(8);
  const ByteView statement = row.blob(9);
  kept.statement = Bytes(statement.begin(), statement.end());
  kept.index = row.number(10);
  return kept;
}

Result<PendingWithdrawal> read_withdrawal_row(Statement& row) {
  const auto category = consent::category_from_byte(static_cast<std::uint8_t>(row.number(1)));
  if (!category) return fail(Code::corrupt, "phone.db names an unknown category");
  return PendingWithdrawal{.grant = row.id<consent::GrantId>(0),
                           .category = *category,
                           .logged_at = instant_from_millis(row.number(2)),
                           .keyring_version = static_cast<std::uint32_t>(row.number(3))};
}

Result<KeptPack> read_pack_row(Statement& row) {
  return KeptPack{.id = row.id<seal::PackId>(0),
                  .compartment = row.id<seal::CompartmentId>(1),
                  .frames = static_cast<std::uint32_t>(row.number(2)),
                  .generation = static_cast<seal::Generation>(row.number(3)),
                  .label_index = row.number(4),
                  .state = static_cast<PackState>(row.number(5)),
                  .indexed = row.number(6) != 0};
}

}  // namespace

Result<PhoneRecords> PhoneRecords::open(const std::filesystem::path& path) {
  auto database = Database::open(path, {.migrations = kMigrations});
  if (!database) return carry(database, "opening phone.db");
  return PhoneRecords(std::move(*database));
}

Result<std::optional<Bytes>> PhoneRecords::fact(std::string_view name) {
  auto statement = database_.prepare("SELECT value FROM facts WHERE name = ?");
  if (!statement) return carry(statement);
  const auto found = statement->first(name);
  if (!found) return carry(found);
  if (!*found) return std::optional<Bytes>();
  const ByteView value = statement->blob(0);
  return std::optional<Bytes>(Bytes(value.begin(), value.end()));
}

Result<std::optional<std::uint64_t>> PhoneRecords::number_fact(std::string_view name) {
  const auto value = fact(name);
  if (!value) return carry(value);
  if (!*value) return std::optional<std::uint64_t>();
  codec::Reader reader(**value);
  const std::uint64_t number = reader.u64();
  if (auto done = reader.finish("number in phone.db"); !done) return carry(done);
  return std::optional(number);
}

Result<> PhoneRecords::set_fact(std::string_view name, ByteView value) {
  return database_.run("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, value);
}

Result<> PhoneRecords::set_fact(std::string_view name, std::uint64_t value) {
  codec::Writer writer;
  writer.u64(value);
  return set_fact(name, writer.bytes());
}

Result<> PhoneRecords::forget_fact(std::string_view name) {
  return database_.run("DELETE FROM facts WHERE name = ?", name);
}

Result<Bytes> PhoneRecords::needed_fact(std::string_view name) {
  auto value = fact(name);
  if (!value) return carry(value);
  if (!*value) {
    return fail(Code::not_found, "this phone is not enrolled: run amanat enroll or amanat recover");
  }
  return std::move(**value);
}

Result<std::uint64_t> PhoneRecords::next_label_index() {
  const auto next = number_fact(fact::kNextLabel);
  if (!next) return carry(next);
  const std::uint64_t index = next->value_or(0);
  if (auto kept = set_fact(fact::kNextLabel, index + 1); !kept) return carry(kept);
  return index;
}

Result<> PhoneRecords::keep_event(std::uint64_t label_index, const tlog::Event& event) {
  return database_.run("INSERT INTO events (label_index, event) VALUES (?, ?)", label_index,
                       tlog::encode(event));
}

Result<> PhoneRecords::keep_receipt(std::uint64_t label_index, const tlog::Receipt& receipt) {
  return database_.run("UPDATE events SET receipt = ? WHERE label_index = ?", tlog::encode(receipt),
                       label_index);
}

Result<std::vector<KeptEvent>> PhoneRecords::events() {
  return read_rows<KeptEvent>(database_,
                              "SELECT label_index, event, receipt FROM events ORDER BY label_index",
                              read_event_row);
}

Result<std::vector<KeptEvent>> PhoneRecords::consent_events() {
  // An event begins with its type; there may be very many of the other types.
  return read_rows<KeptEvent>(database_,
                              "SELECT label_index, event, receipt FROM events WHERE "
                              "substr(event, 1, 1) IN (x'12', x'13', x'18', x'19', x'1a', x'1b', "
                              "x'1d') ORDER BY label_index",
                              read_event_row);
}

Result<std::optional<KeptEvent>> PhoneRecords::event(std::uint64_t label_index) {
  auto statement =
      database_.prepare("SELECT label_index, event, receipt FROM events WHERE label_index = ?");
  if (!statement) return carry(statement);
  const auto found = statement->first(label_index);
  if (!found) return carry(found);
  if (!*found) return std::optional<KeptEvent>();
  auto kept = read_event_row(*statement);
  if (!kept) return carry(kept);
  return std::optional<KeptEvent>(std::move(*kept));
}

Result<> PhoneRecords::keep_grant(const KeptGrant& grant) {
  const consent::GrantRecord& record = grant.record;
  return database_.run(
      "INSERT OR REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", record.grant,
      static_cast<std::uint64_t>(record.category), static_cast<std::uint64_t>(record.purpose),
      static_cast<std::uint64_t>(record.state), millis_of(record.valid_from),
      millis_of(record.valid_until), millis_of(record.changed_at),
      static_cast<std::uint64_t>(record.age_class), record.notice, grant.statement, grant.index);
}

Result<std::vector<KeptGrant>> PhoneRecords::grants() {
  return read_rows<KeptGrant>(
      database_,
      "SELECT commitment, category, purpose, state, valid_from, valid_until, changed_at, "
      "age_class, notice, statement, log_index FROM grants ORDER BY category, valid_from",
      read_grant_row);
}

Result<std::vector<consent::GrantRecord>> PhoneRecords::grant_records() {
  auto kept = grants();
  if (!kept) return carry(kept);
  std::vector<consent::GrantRecord> records;
  for (const KeptGrant& grant : *kept) records.push_back(grant.record);
  return records;
}

Result<> PhoneRecords::set_grant_state(const consent::GrantId& grant, consent::GrantState state,
                                       Instant at) {
  return database_.run("UPDATE grants SET state = ?, changed_at = ? WHERE commitment = ?",
                       static_cast<std::uint64_t>(state), millis_of(at), grant);
}

Result<> PhoneRecords::keep_withdrawal(const PendingWithdrawal& withdrawal) {
  return database_.run("INSERT OR REPLACE INTO withdrawals VALUES (?, ?, ?, ?)", withdrawal.grant,
                       static_cast<std::uint64_t>(withdrawal.category),
                       millis_of(withdrawal.logged_at), withdrawal.keyring_version);
}

Result<> PhoneRecords::forget_withdrawal(const consent::GrantId& grant) {
  return database_.run("DELETE FROM withdrawals WHERE commitment = ?", grant);
}

Result<std::vector<PendingWithdrawal>> PhoneRecords::withdrawals() {
  return read_rows<PendingWithdrawal>(
      database_, "SELECT commitment, category, logged_at, keyring_version FROM withdrawals",
      read_withdrawal_row);
}

Result<> PhoneRecords::keep_pack(const KeptPack& pack,
                                 const std::vector<seal::PackEntry>& entries) {
  auto kept = database_.run("INSERT INTO packs VALUES (?, ?, ?, ?, ?, ?, ?)", pack.id,
                            pack.compartment, pack.frames, pack.generation, pack.label_index,
                            static_cast<std::uint64_t>(pack.state), pack.indexed ? 1U : 0U);
  if (!kept) return carry(kept);
  auto statement = database_.prepare(
      "INSERT OR REPLACE INTO blobs (compartment, name, pack, offset, stored, raw, codec, "
      "dictionary, type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!statement) return carry(statement);
  for (const seal::PackEntry& entry : entries) {
    auto row = statement->run(pack.compartment, entry.name, pack.id, entry.offset, entry.stored,
                              entry.raw, static_cast<std::uint64_t>(entry.codec), entry.dictionary,
                              static_cast<std::uint64_t>(entry.type));
    if (!row) return carry(row);
  }
  return {};
}

Result<> PhoneRecords::set_pack_state(const seal::PackId& pack, PackState state) {
  return database_.run("UPDATE packs SET state = ? WHERE id = ?", static_cast<std::uint64_t>(state),
                       pack);
}

Result<> PhoneRecords::forget_pack(const seal::PackId& pack) {
  if (auto done = database_.run("DELETE FROM blobs WHERE pack = ?", pack); !done) {
    return carry(done);
  }
  return database_.run("DELETE FROM packs WHERE id = ?", pack);
}

Result<std::vector<KeptPack>> PhoneRecords::packs() {
  return read_rows<KeptPack>(
      database_,
      "SELECT id, compartment, frames, generation, label_index, state, indexed FROM packs",
      read_pack_row);
}

Result<std::optional<KeptPack>> PhoneRecords::pack(const seal::PackId& id) {
  auto statement = database_.prepare(
      "SELECT id, compartment, frames, generation, label_index, state, indexed FROM packs "
      "WHERE id = ?");
  if (!statement) return carry(statement);
  const auto found = statement->first(id);
  if (!found) return carry(found);
  if (!*found) return std::optional<KeptPack>();
  auto kept = read_pack_row(*statement);
  if (!kept) return carry(kept);
  return std::optional<KeptPack>(*kept);
}

Result<bool> PhoneRecords::has_blob(const seal::CompartmentId& compartment,
                                    const seal::BlobName& name) {
  auto statement = database_.prepare("SELECT 1 FROM blobs WHERE compartment = ? AND name = ?");
  if (!statement) return carry(statement);
  return statement->first(compartment, name);
}

Result<> PhoneRecords::forget_compartment(const seal::CompartmentId& compartment) {
  for (const std::string_view table :
       {"blobs", "packs", "segments", "trees", "unsaved_trees", "files"}) {
    auto done = database_.run(
        std::string("DELETE FROM ") + std::string(table) + " WHERE compartment = ?", compartment);
    if (!done) return carry(done);
  }
  return {};
}

}  // namespace amanat::phone
