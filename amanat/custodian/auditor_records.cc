#include "amanat/custodian/auditor_records.h"

namespace amanat::custodian {

Result<crypto::PublicKey> parse_auditor_key(std::string_view text) {
  if (auto key = crypto::PublicKey::from_hex(text)) return key;
  const auto bytes = from_base64(text);
  if (bytes) {
    if (auto key = crypto::PublicKey::from(*bytes)) return key;
  }
  return fail(Code::invalid_input, "an auditor's key is 64 hex digits or 44 characters of base64");
}

Result<std::optional<crypto::PublicKey>> find_auditor(store::Database& database,
                                                      const api::KeyId& key) {
  auto row = database.prepare("SELECT key FROM auditors WHERE key_id = ?");
  if (!row) return carry(row);
  const auto found = row->first(key);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  const auto public_key = row->id<crypto::PublicKey>(0);
  if (auto intact = row->intact(); !intact) return carry(intact);
  return public_key;
}

Result<> insert_auditor(store::Database& database, const crypto::PublicKey& key, Instant now) {
  return database.run("INSERT OR IGNORE INTO auditors (key_id, key, added_at) VALUES (?, ?, ?)",
                      crypto::sha256(key.bytes()), key, millis_of(now));
}

Result<std::vector<crypto::PublicKey>> list_auditors(store::Database& database) {
  auto row = database.prepare("SELECT key FROM auditors ORDER BY added_at, key_id");
  if (!row) return carry(row);
  std::vector<crypto::PublicKey> keys;
  auto more = row->step();
  for (; more && *more; more = row->step()) keys.push_back(row->id<crypto::PublicKey>(0));
  if (!more) return carry(more);
  return keys;
}

Result<std::optional<std::uint64_t>> find_challenge(store::Database& database,
                                                    const api::KeyId& auditor,
                                                    const api::NonceHash& nonce) {
  auto row =
      database.prepare("SELECT log_index FROM challenges WHERE nonce_hash = ? AND auditor = ?");
  if (!row) return carry(row);
  const auto found = row->first(nonce, auditor);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  return row->number(0);
}

Result<> insert_challenge(store::Database& database, const api::KeyId& auditor,
                          const api::NonceHash& nonce, std::uint64_t index) {
  return database.run("INSERT INTO challenges (nonce_hash, auditor, log_index) VALUES (?, ?, ?)",
                      nonce, auditor, index);
}

}  // namespace amanat::custodian
