#include "amanat/custodian/account_records.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kDeviceColumns =
    "SELECT device, account, device_key, one_time_key, wrapped, retired_at FROM devices ";

DeviceRecord device_from(store::Statement& row) {
  DeviceRecord record{.device = row.id<seal::DeviceId>(0),
                      .account = row.id<seal::AccountId>(1),
                      .device_key = row.id<crypto::PublicKey>(2),
                      .one_time_key = row.id<crypto::BoxPublicKey>(3),
                      .wrapped = row.number(4) != 0,
                      .retired_at = {}};
  if (!row.is_null(5)) record.retired_at = instant_from_millis(row.number(5));
  return record;
}

}  // namespace

Result<std::optional<AccountRecord>> find_account(store::Database& database,
                                                  const seal::AccountId& account) {
  auto row = database.prepare(
      "SELECT phrase_key, sequence, keyring, quota, used FROM accounts WHERE account = ?");
  if (!row) return carry(row);
  const auto found = row->first(account);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  AccountRecord record{.account = account,
                       .phrase_key = row->id<crypto::PublicKey>(0),
                       .sequence = row->number(1),
                       .keyring = static_cast<std::uint32_t>(row->number(2)),
                       .quota = row->number(3),
                       .used = row->number(4)};
  if (auto intact = row->intact(); !intact) return carry(intact);
  return record;
}

Result<AccountRecord> read_account(store::Database& database, const seal::AccountId& account) {
  auto found = find_account(database, account);
  if (!found) return carry(found);
  if (!*found) return fail(Code::not_found, "there is no such account");
  return **found;
}

Result<> insert_account(store::Database& database, const AccountRecord& record) {
  return database.run(
      "INSERT INTO accounts (account, phrase_key, phrase_key_id, sequence, keyring, quota, used) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      record.account, record.phrase_key, crypto::sha256(record.phrase_key.bytes()), record.sequence,
      record.keyring, record.quota, record.used);
}

Result<> update_account(store::Database& database, const AccountRecord& record) {
  return database.run(
      "UPDATE accounts SET phrase_key = ?, phrase_key_id = ?, sequence = ?, keyring = ?, used = ? "
      "WHERE account = ?",
      record.phrase_key, crypto::sha256(record.phrase_key.bytes()), record.sequence, record.keyring,
      record.used, record.account);
}

Result<> change_usage(store::Database& database, const seal::AccountId& account,
                      std::int64_t bytes) {
  return database.run("UPDATE accounts SET used = max(0, used + ?) WHERE account = ?", bytes,
                      account);
}

Result<std::optional<PhraseKeyRecord>> find_phrase_key(store::Database& database,
                                                       const api::KeyId& key) {
  auto row = database.prepare(
      "SELECT account, phrase_key FROM accounts WHERE phrase_key_id = ?1 UNION ALL "
      "SELECT account, phrase_key FROM keyrings WHERE phrase_key_id = ?1 AND sealed IS NOT NULL "
      "LIMIT 1");
  if (!row) return carry(row);
  const auto found = row->first(key);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  const PhraseKeyRecord record{.account = row->id<seal::AccountId>(0),
                               .phrase_key = row->id<crypto::PublicKey>(1)};
  if (auto intact = row->intact(); !intact) return carry(intact);
  return record;
}

Result<std::optional<DeviceRecord>> find_device(store::Database& database,
                                                const seal::DeviceId& device) {
  auto row = database.prepare(std::string(kDeviceColumns) + "WHERE device = ?");
  if (!row) return carry(row);
  const auto found = row->first(device);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  const DeviceRecord record = device_from(*row);
  if (auto intact = row->intact(); !intact) return carry(intact);
  return record;
}

Result<std::vector<DeviceRecord>> list_devices(store::Database& database,
                                               const seal::AccountId& account) {
  auto row = database.prepare(std::string(kDeviceColumns)
                              + "WHERE account = ? AND retired_at IS NULL ORDER BY device");
  if (!row) return carry(row);
  std::vector<DeviceRecord> devices;
  auto more = row->first(account);
  for (; more && *more; more = row->step()) devices.push_back(device_from(*row));
  if (!more) return carry(more);
  return devices;
}

Result<std::uint64_t> count_devices(store::Database& database, const seal::AccountId& account) {
  auto row = database.prepare("SELECT count(*) FROM devices WHERE account = ?");
  if (!row) return carry(row);
  if (auto found = row->first(account); !found) return carry(found);
  return row->number(0);
}

Result<> insert_device(store::Database& database, const DeviceRecord& record, Instant now) {
  return database.run(
      "INSERT INTO devices (device, account, device_key, one_time_key, wrapped, added_at) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      record.device, record.account, record.device_key, record.one_time_key,
      record.wrapped ? 1U : 0U, millis_of(now));
}

Result<> update_device(store::Database& database, const DeviceRecord& record) {
  std::optional<std::uint64_t> retired_at;
  if (record.retired_at) retired_at = millis_of(*record.retired_at);
  return database.run(
      "UPDATE devices SET one_time_key = ?, wrapped = ?, retired_at = ? WHERE device = ?",
      record.one_time_key, record.wrapped ? 1U : 0U, retired_at, record.device);
}

}  // namespace amanat::custodian
