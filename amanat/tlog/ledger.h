#pragma once

// The append-only log. All of it lies in storage that shares the caller's transaction with the
// records it is about, so an event and its entry are durable together or not at all:
//
//   Transaction transaction = ...;                 // store/sqlite.h
//   ... write the records ...
//   auto appended = ledger.append(entries, seed);  // entries, tiles and the signed head
//   if (auto done = transaction.commit(); !done) return carry(done, ...);
//   ... only now may appended->checkpoint leave the process ...
//
// A transaction that rolls back takes the entries with it, and nobody need tell the ledger: each
// call begins by comparing what it remembers with the head in storage. What it remembers are the
// right-edge tiles and 16 others; nothing in memory grows with the log.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/note/note.h"
#include "amanat/tlog/tile.h"

namespace amanat::tlog {

inline constexpr std::size_t kBatchEntriesMax = 65'536;

/// The one head of a log.
struct LedgerHead {
  std::uint64_t size = 0;
  std::string checkpoint;  // the signed note of exactly this size
  friend bool operator==(const LedgerHead&, const LedgerHead&) = default;
};

/// Where a ledger keeps its rows. Implemented by store/ledger_rows.h inside the caller's
/// transaction; writes that were rolled back read as if they had never been.
class LedgerStorage {
 public:
  LedgerStorage() = default;
  LedgerStorage(const LedgerStorage&) = delete;
  LedgerStorage& operator=(const LedgerStorage&) = delete;
  virtual ~LedgerStorage() = default;

  /// Nothing before the first append.
  virtual Result<std::optional<LedgerHead>> read_head() = 0;
  virtual Result<> write_head(const LedgerHead& head) = 0;

  /// Entries are written once, in order of their index; conflict for an index that is taken.
  virtual Result<> write_entry(std::uint64_t index, ByteView entry) = 0;
  /// `count` entries from `first` on; not_found when one of them is missing.
  virtual Result<std::vector<Bytes>> read_entries(std::uint64_t first, std::uint64_t count) = 0;

  /// A tile's row is replaced while the tile grows.
  virtual Result<> write_tile(unsigned level, std::uint64_t index, ByteView hashes) = 0;
  virtual Result<std::optional<Bytes>> read_tile(unsigned level, std::uint64_t index) = 0;
};

struct Appended {
  std::uint64_t first = 0;  // index of the first entry; the others follow
  std::string checkpoint;   // covers them all; not to be shown before the transaction is durable
};

/// One log. Used by one thread, which also holds the transaction; further readers open their own
/// ledger over their own connection and make each call inside a read transaction.
class Ledger {
 public:
  /// Opens a log, or an empty place for one.
  ///
  ///   storage   borrowed for the ledger's life
  ///   key       the log's key; its name is the origin
  ///   fails     corrupt when the root of the tiles is not the signed one, the last entry is not
  ///             the last leaf, or the head is not signed by `key`: stop writing
  static Result<Ledger> open(LedgerStorage& storage, note::VerifierKey key);

  /// Appends in order and signs the new head.
  ///
  ///   entries   1 to kBatchEntriesMax, each of 1 to kEntryBytesMax bytes
  ///   seed      the private half of the log's key
  ///   fails     invalid_input for a batch outside these limits
  Result<Appended> append(std::span<const Bytes> entries, const crypto::SigningSeed& seed);

  /// Entries in the log as storage has it now, uncommitted ones of this transaction included.
  Result<std::uint64_t> size();
  /// The head's signed note; not_found while the log is empty.
  Result<std::string> checkpoint();
  Result<Bytes> entry(std::uint64_t index);

  /// That entry `index` is in the log of the present checkpoint; not_found when it has no such.
  Result<merkle::Proof> prove_inclusion(std::uint64_t index);
  /// That the log of `old_size` entries is a beginning of the present one.
  Result<merkle::Proof> prove_consistency(std::uint64_t old_size);

  /// The resource at a path of C2SP tlog-tiles: `checkpoint`, `tile/0/000.p/3`, ...
  ///
  ///   fails   invalid_input for what is no such path, not_found for what the log has not reached
  Result<Bytes> serve(std::string_view path);

 private:
  Ledger(LedgerStorage& storage, note::VerifierKey key);
  Result<> follow_storage();
  Result<> reload(const LedgerHead& head);
  Result<> append_entries(std::span<const Bytes> entries);
  Result<> push(unsigned level, const merkle::Hash& hash);
  Result<> write_edge();
  Result<merkle::Root> edge_root(std::uint64_t size) const;
  Result<> check_last_entry();

  LedgerStorage* storage_;
  note::VerifierKey key_;
  LedgerHead head_;
  bool fresh_ = false;  // the members below are those of head_
  merkle::Root root_{.leaves = 0, .hash = merkle::empty_root()};
  // The last, not yet full tile of each level: hashes_at(level, size) % 256 hashes.
  std::array<std::vector<merkle::Hash>, kTileLevels> edge_;
  std::array<bool, kTileLevels> changed_{};
  TileHashes tiles_;
};

}  // namespace amanat::tlog
