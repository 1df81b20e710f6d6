#pragma once

// The one writer. Submissions that arrive within a few milliseconds share one transaction: each
// takes its turn, may look at everything the ones before it did, changes records and queues log
// entries; then the entries are appended, the head is signed, and everything is on disk before
// anybody is answered. So gate and log agree on one order, and an fsync is shared.
//
// In a batch the order of accounts is random and each account's own order is kept (docs/format.md
// §5): who was first says nothing. A turn that fails leaves nothing behind.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "amanat/api/messages.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/store/sqlite.h"
#include "amanat/tlog/entry.h"
#include "amanat/tlog/ledger.h"

namespace amanat::custodian {

inline constexpr std::size_t kBatchEntriesMax = 4'096;

/// One submission's turn inside the batch's transaction.
class Turn {
 public:
  /// `entries` are those of the batch so far; the first of them will have index `first`.
  Turn(store::Database& database, Instant now, tlog::Region region, std::uint64_t first,
       std::vector<Bytes>& entries)
      : database_(&database), now_(now), region_(region), first_(first), entries_(&entries) {}

  store::Database& database() { return *database_; }
  /// The batch's time: never before that of an earlier batch.
  Instant now() const { return now_; }
  Minute minute() const { return minute_of(now_); }
  tlog::Region region() const { return region_; }
  /// Entries that the log will have before the next one.
  std::uint64_t log_size() const { return first_ + entries_->size(); }

  /// Queues an entry and returns the index it will have.
  std::uint64_t append(Bytes entry);
  /// Asks for the receipt of an entry, queued or old. The answer holds them in this order.
  void want_receipt(std::uint64_t index) { wanted_.push_back(index); }
  const std::vector<std::uint64_t>& wanted() const { return wanted_; }

 private:
  store::Database* database_;
  Instant now_;
  tlog::Region region_;
  std::uint64_t first_;
  std::vector<Bytes>* entries_;
  std::vector<std::uint64_t> wanted_;
};

using TakeTurn = std::function<Result<>(Turn&)>;

struct SequencerOptions {
  tlog::Region region = tlog::Region::none;
  std::chrono::milliseconds batch_wait{5};
};

class Sequencer {
 public:
  /// Starts the writing thread. Everything is borrowed for the sequencer's life; nobody else writes
  /// through `database` or calls `ledger` meanwhile.
  Sequencer(store::Database& database, tlog::Ledger& ledger, const crypto::SigningSeed& log_seed,
            const Clock& clock, SequencerOptions options);
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;
  /// Finishes what was submitted, then ends the thread.
  ~Sequencer();

  /// Takes a turn and waits until its batch is on disk. From any thread.
  ///
  ///   account   whose order is kept; zeros for the organisation
  ///   returns   receipts and checkpoint, as far as the turn asked for any
  ///   fails     as the turn did, with nothing changed
  ///             unavailable when the disk is full or we are stopping
  ///             corrupt when the storage contradicts itself or the clock went back: nothing is
  ///             written any more until that is repaired
  Result<api::Receipts> submit(const seal::AccountId& account, TakeTurn take_turn) {
    return enqueue(account, std::move(take_turn)).get();
  }
  /// The same without waiting.
  std::future<Result<api::Receipts>> enqueue(const seal::AccountId& account, TakeTurn take_turn);

  /// Whether the last batch could be written.
  bool is_healthy() const;

 private:
  struct Submission {
    seal::AccountId account;
    TakeTurn take_turn;
    std::vector<std::uint64_t> wanted;
    std::optional<Result<api::Receipts>> answer;  // set once refused or finished
    std::promise<Result<api::Receipts>> promise;
  };
  using Batch = std::vector<std::unique_ptr<Submission>>;

  void run();
  Batch collect();
  static void shuffle(Batch& batch);
  void process(Batch batch);
  Result<> write(Batch& batch, Batch& postponed, Instant now);
  Result<> let_take_turn(Submission& submission, Instant now, std::uint64_t first,
                         std::vector<Bytes>& entries);
  Result<std::string> log(const std::vector<Bytes>& entries, std::uint64_t first, Instant now);
  Result<> write_receipts(Submission& submission, const std::string& checkpoint);

  store::Database& database_;
  tlog::Ledger& ledger_;
  const crypto::SigningSeed& log_seed_;
  const Clock& clock_;
  const SequencerOptions options_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable arrived_;
  std::deque<std::unique_ptr<Submission>> queue_;
  bool stopping_ = false;
  bool healthy_ = true;
  std::optional<Error> broken_;  // once the storage contradicted itself

  std::thread thread_;  // started last
};

/// The time of the next entries: never before those that are in the log (docs/format.md §4.4).
///
///   fails   corrupt when the clock went back by more than kClockBackMax
Result<Instant> choose_log_time(store::Database& database, Instant now);
/// Notes the time of entries that were appended, in their transaction.
Result<> note_log_time(store::Database& database, Instant time);

/// The receipt of one entry under the present checkpoint of `ledger`.
Result<api::ReceiptMessage> make_receipt(tlog::Ledger& ledger, std::uint64_t index);

}  // namespace amanat::custodian
