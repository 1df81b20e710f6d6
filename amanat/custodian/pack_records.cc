#include "amanat/custodian/pack_records.h"

#include <string>
#include <utility>

#include "amanat/crypto/crypto.h"
#include "amanat/custodian/account_records.h"
#include "amanat/seal/pack.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, account, pack, frames, state, event, log_index, erase_index FROM packs ";

Result<PackRecord> pack_from(store::Statement& row) {
  const std::uint64_t state = row.number(4);
  if (state < 1 || state > 4) return fail(Code::corrupt, "a pack has an unknown state");
  const ByteView event = row.blob(5);
  PackRecord record{.row = row.number(0),
                    .account = row.id<seal::AccountId>(1),
                    .pack = row.id<seal::PackId>(2),
                    .frames = static_cast<std::uint32_t>(row.number(3)),
                    .state = static_cast<PackState>(state),
                    .event = Bytes(event.begin(), event.end()),
                    .index = {},
                    .erase_index = {}};
  if (!row.is_null(6)) record.index = row.number(6);
  if (!row.is_null(7)) record.erase_index = row.number(7);
  if (auto intact = row.intact(); !intact) return carry(intact);
  return record;
}

template <class... Values>
Result<std::vector<PackRecord>> select_packs(store::Database& database, std::string_view condition,
                                             const Values&... values) {
  auto row = database.prepare(std::string(kColumns) + std::string(condition));
  if (!row) return carry(row);
  std::vector<PackRecord> packs;
  auto more = row->first(values...);
  for (; more && *more; more = row->step()) {
    auto pack = pack_from(*row);
    if (!pack) return carry(pack);
    packs.push_back(*std::move(pack));
  }
  if (!more) return carry(more);
  return packs;
}

template <class... Values>
Result<std::optional<PackRecord>> select_pack(store::Database& database, std::string_view condition,
                                              const Values&... values) {
  auto packs = select_packs(database, condition, values...);
  if (!packs) return carry(packs);
  if (packs->empty()) return std::nullopt;
  return std::move(packs->front());
}

std::int64_t signed_size_of(const PackRecord& pack) {
  return static_cast<std::int64_t>(seal::pack_size_of(pack.frames));
}

}  // namespace

std::string_view name_of(PackState state) {
  switch (state) {
    case PackState::stored: return "stored";
    case PackState::committed: return "committed";
    case PackState::retired: return "retired";
    case PackState::erased: return "erased";
  }
  return "erased";
}

store::BlobName blob_of(const seal::AccountId& account, const seal::PackId& pack) {
  const auto name = crypto::sha256({as_bytes("amanat/blob/v1"), account.bytes(), pack.bytes()});
  return store::BlobName::from(name.bytes()).value();
}

Result<std::optional<PackRecord>> find_pack(store::Database& database,
                                            const seal::AccountId& account,
                                            const seal::PackId& pack) {
  return select_pack(database, "WHERE account = ? AND pack = ?", account, pack);
}

Result<std::optional<PackRecord>> find_pack_at(store::Database& database, std::uint64_t index) {
  return select_pack(database, "WHERE log_index = ?", index);
}

Result<std::vector<PackRecord>> list_packs(store::Database& database,
                                           const seal::AccountId& account,
                                           const std::optional<seal::PackId>& after,
                                           std::size_t limit) {
  const ByteView from = after ? after->bytes() : ByteView();
  return select_packs(database,
                      "WHERE account = ? AND pack > ? AND state < 4 ORDER BY pack LIMIT ?", account,
                      from, static_cast<std::uint64_t>(limit));
}

Result<std::vector<PackRecord>> list_packs_after(store::Database& database, std::uint64_t row,
                                                 std::size_t limit) {
  return select_packs(database, "WHERE id > ? AND state < 4 ORDER BY id LIMIT ?", row,
                      static_cast<std::uint64_t>(limit));
}

Result<std::optional<PackState>> find_state_of_blob(store::Database& database,
                                                    const store::BlobName& blob) {
  auto row = database.prepare("SELECT state FROM packs WHERE blob = ?");
  if (!row) return carry(row);
  const auto found = row->first(blob);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  return static_cast<PackState>(row->number(0));
}

Result<std::vector<merkle::Hash>> read_frame_roots(store::Database& database, std::uint64_t row) {
  auto select = database.prepare("SELECT frame_roots FROM packs WHERE id = ?");
  if (!select) return carry(select);
  const auto found = select->first(row);
  if (!found) return carry(found);
  if (!*found) return fail(Code::not_found, "there is no such pack");
  const ByteView bytes = select->blob(0);
  if (bytes.size() % merkle::Hash::kSize != 0) {
    return fail(Code::corrupt, "the roots of a pack's frames are damaged");
  }
  std::vector<merkle::Hash> roots;
  for (std::size_t at = 0; at < bytes.size(); at += merkle::Hash::kSize) {
    roots.push_back(merkle::Hash::from(bytes.subspan(at, merkle::Hash::kSize)).value());
  }
  return roots;
}

Result<> insert_pack(store::Database& database, const NewPack& pack, Instant now) {
  Bytes roots;
  for (const auto& root : pack.frame_roots) append(roots, root.bytes());
  auto done = database.run(
      "INSERT INTO packs (account, pack, blob, frames, state, event, frame_roots, stored_at) "
      "VALUES (?, ?, ?, ?, 1, ?, ?, ?)",
      pack.account, pack.pack, blob_of(pack.account, pack.pack), pack.frames, pack.event, roots,
      millis_of(now));
  if (!done) return done;
  const std::int64_t row = database.last_inserted_row();
  for (const auto& grant : pack.grants) {
    done = database.run("INSERT INTO pack_grants (grant_id, id) VALUES (?, ?)", grant, row);
    if (!done) return done;
  }
  return change_usage(database, pack.account,
                      static_cast<std::int64_t>(seal::pack_size_of(pack.frames)));
}

Result<> set_pack_state(store::Database& database, std::uint64_t row, PackState state) {
  return database.run("UPDATE packs SET state = ? WHERE id = ?", static_cast<std::uint8_t>(state),
                      row);
}

Result<> set_pack_logged(store::Database& database, std::uint64_t row, std::uint64_t index) {
  return database.run("UPDATE packs SET state = 2, log_index = ? WHERE id = ?", index, row);
}

Result<> set_pack_erased(store::Database& database, const PackRecord& pack,
                         std::uint64_t erase_index) {
  auto done =
      database.run("UPDATE packs SET state = 4, erase_index = ?, erase_due = NULL WHERE id = ?",
                   erase_index, pack.row);
  if (!done) return done;
  return change_usage(database, pack.account, -signed_size_of(pack));
}

Result<> delete_pack(store::Database& database, const PackRecord& pack) {
  if (auto done = database.run("DELETE FROM packs WHERE id = ?", pack.row); !done) return done;
  return change_usage(database, pack.account, -signed_size_of(pack));
}

Result<std::vector<PackRecord>> list_stored_before(store::Database& database, Instant moment,
                                                   std::size_t limit) {
  return select_packs(database, "WHERE state = 1 AND stored_at < ? LIMIT ?", millis_of(moment),
                      static_cast<std::uint64_t>(limit));
}

Result<std::vector<PackRecord>> list_due(store::Database& database, Instant now,
                                         std::size_t limit) {
  return select_packs(database, "WHERE erase_due <= ? LIMIT ?", millis_of(now),
                      static_cast<std::uint64_t>(limit));
}

Result<std::vector<PackRecord>> list_to_schedule(store::Database& database, Instant now,
                                                 std::size_t limit) {
  return select_packs(
      database,
      "WHERE erase_due IS NULL AND state < 4 AND id IN (SELECT pack_grants.id FROM grants "
      "JOIN pack_grants USING (grant_id) WHERE grants.final_at <= ?) LIMIT ?",
      millis_of(now), static_cast<std::uint64_t>(limit));
}

Result<> set_erase_due(store::Database& database, std::uint64_t row, Instant due) {
  return database.run("UPDATE packs SET erase_due = ? WHERE id = ?", millis_of(due), row);
}

Result<std::vector<consent::GrantId>> list_ended_grants(store::Database& database,
                                                        std::uint64_t row, Instant now) {
  auto select = database.prepare(
      "SELECT grant_id FROM pack_grants JOIN grants USING (grant_id) "
      "WHERE id = ? AND final_at <= ? ORDER BY final_at");
  if (!select) return carry(select);
  std::vector<consent::GrantId> grants;
  auto more = select->first(row, millis_of(now));
  for (; more && *more; more = select->step()) grants.push_back(select->id<consent::GrantId>(0));
  if (!more) return carry(more);
  return grants;
}

}  // namespace amanat::custodian
