#pragma once

// Packs: what is stored, under which event, and what has become of it.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/consent/grant_id.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/seal/ids.h"
#include "amanat/store/blobs.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

enum class PackState : std::uint8_t {
  stored = 1,     // here, but not in the log: no commit has named it yet
  committed = 2,  // in the log
  retired = 3,    // given up by the phone, kept
  erased = 4,     // its bytes are gone, its erasure is in the log
};
/// The word in answers: `stored`.
std::string_view name_of(PackState state);

struct PackRecord {
  std::uint64_t row = 0;
  seal::AccountId account;
  seal::PackId pack;
  std::uint32_t frames = 0;
  PackState state = PackState::stored;
  Bytes event;                         // object_store, as the phone sent it
  std::optional<std::uint64_t> index;  // of that event in the log
  std::optional<std::uint64_t> erase_index;
};

/// Under which name the blob store keeps a pack. Accounts do not meet there: whoever knows the id
/// of another account's pack cannot learn from ours whether it is here.
store::BlobName blob_of(const seal::AccountId& account, const seal::PackId& pack);

Result<std::optional<PackRecord>> find_pack(store::Database& database,
                                            const seal::AccountId& account,
                                            const seal::PackId& pack);
/// The pack whose object_store event has this index in the log.
Result<std::optional<PackRecord>> find_pack_at(store::Database& database, std::uint64_t index);
/// At most `limit` packs that are not erased, ascending by id, after `after`.
Result<std::vector<PackRecord>> list_packs(store::Database& database,
                                           const seal::AccountId& account,
                                           const std::optional<seal::PackId>& after,
                                           std::size_t limit);
/// At most `limit` packs of all accounts that are not erased, by row, after `row`.
Result<std::vector<PackRecord>> list_packs_after(store::Database& database, std::uint64_t row,
                                                 std::size_t limit);
/// The state of the pack whose bytes have this name; nothing when no record names them.
Result<std::optional<PackState>> find_state_of_blob(store::Database& database,
                                                    const store::BlobName& blob);

/// The roots of its frames, from which proofs of its leaves are made.
Result<std::vector<merkle::Hash>> read_frame_roots(store::Database& database, std::uint64_t row);

struct NewPack {
  seal::AccountId account;
  seal::PackId pack;
  std::uint32_t frames = 0;
  Bytes event;
  std::span<const merkle::Hash> frame_roots;
  std::span<const consent::GrantId> grants;
};
/// Records it as stored and counts its size.
Result<> insert_pack(store::Database& database, const NewPack& pack, Instant now);
Result<> set_pack_state(store::Database& database, std::uint64_t row, PackState state);
Result<> set_pack_logged(store::Database& database, std::uint64_t row, std::uint64_t index);
Result<> set_pack_erased(store::Database& database, const PackRecord& pack,
                         std::uint64_t erase_index);
/// Forgets a pack that is not in the log.
Result<> delete_pack(store::Database& database, const PackRecord& pack);

/// At most `limit` packs of each kind that the sweep looks for.
Result<std::vector<PackRecord>> list_stored_before(store::Database& database, Instant moment,
                                                   std::size_t limit);
/// Packs that are due to be erased.
Result<std::vector<PackRecord>> list_due(store::Database& database, Instant now, std::size_t limit);
/// Packs under a grant that ended before `now`, without a date for their erasure.
Result<std::vector<PackRecord>> list_to_schedule(store::Database& database, Instant now,
                                                 std::size_t limit);
Result<> set_erase_due(store::Database& database, std::uint64_t row, Instant due);
/// Those of the pack's grants that ended before `now`, the first to end first.
Result<std::vector<consent::GrantId>> list_ended_grants(store::Database& database,
                                                        std::uint64_t row, Instant now);

}  // namespace amanat::custodian
