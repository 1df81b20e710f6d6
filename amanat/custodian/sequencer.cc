#include "amanat/custodian/sequencer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "amanat/custodian/schema.h"
#include "amanat/custodian/settings.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kLastTime = "last_time";
// A commit logs up to 1,024 packs and its head; a turn starts only while that much still fits.
constexpr std::size_t kTurnEntriesMax = 1'025;

/// A number below `limit` that nobody can guess.
std::size_t random_below(std::size_t limit) {
  std::uint64_t number = 0;
  crypto::fill_random(ByteSpan(reinterpret_cast<std::uint8_t*>(&number), sizeof(number)));
  return static_cast<std::size_t>(number % limit);
}

}  // namespace

std::uint64_t Turn::append(Bytes entry) {
  entries_->push_back(std::move(entry));
  return log_size() - 1;
}

Sequencer::Sequencer(store::Database& database, tlog::Ledger& ledger,
                     const crypto::SigningSeed& log_seed, const Clock& clock,
                     SequencerOptions options)
    : database_(database),
      ledger_(ledger),
      log_seed_(log_seed),
      clock_(clock),
      options_(options),
      thread_([this] { run(); }) {}

Sequencer::~Sequencer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  thread_.join();
}

std::future<Result<api::Receipts>> Sequencer::enqueue(const seal::AccountId& account,
                                                      TakeTurn take_turn) {
  auto submission = std::make_unique<Submission>();
  submission->account = account;
  submission->take_turn = std::move(take_turn);
  auto answer = submission->promise.get_future();
  {
    const std::scoped_lock lock(mutex_);
    if (broken_) {
      submission->promise.set_value(std::unexpected(*broken_));
      return answer;
    }
    if (stopping_) {
      submission->promise.set_value(fail(Code::unavailable, "the custodian is stopping"));
      return answer;
    }
    queue_.push_back(std::move(submission));
  }
  arrived_.notify_one();
  return answer;
}

bool Sequencer::is_healthy() const {
  const std::scoped_lock lock(mutex_);
  return healthy_ && !broken_;
}

void Sequencer::run() {
  while (true) {
    Batch batch = collect();
    if (batch.empty()) return;
    process(std::move(batch));
  }
}

// Waits for the first submission, then a little longer for company. Empty when there is nothing
// left to do.
Sequencer::Batch Sequencer::collect() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (queue_.empty()) return {};
  const auto until = std::chrono::steady_clock::now() + options_.batch_wait;
  arrived_.wait_until(lock, until,
                      [this] { return stopping_ || queue_.size() >= kBatchEntriesMax; });
  Batch batch;
  while (!queue_.empty() && batch.size() < kBatchEntriesMax) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

void Sequencer::process(Batch batch) {
  shuffle(batch);
  Batch postponed;
  const auto now = choose_log_time(database_, clock_.now());
  const auto written = now ? write(batch, postponed, *now) : Result<>(carry(now));
  {
    const std::scoped_lock lock(mutex_);
    healthy_ = written.has_value();
    // A clock can be put right while we run; damage cannot.
    if (now && !written && written.error().code == Code::corrupt) broken_ = written.error();
    while (!postponed.empty()) {
      queue_.push_front(std::move(postponed.back()));
      postponed.pop_back();
    }
  }
  for (auto& submission : batch) {
    const bool refused = submission->answer && !*submission->answer;
    if (!written && !refused) submission->answer = carry(written);
    submission->promise.set_value(*std::move(submission->answer));
  }
}

// Accounts in random order, each one's submissions in theirs.
void Sequencer::shuffle(Batch& batch) {
  std::map<seal::AccountId, Batch> by_account;
  for (auto& submission : batch) by_account[submission->account].push_back(std::move(submission));
  std::vector<Batch*> order;
  order.reserve(by_account.size());
  for (auto& [account, submissions] : by_account) order.push_back(&submissions);
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[random_below(left)]);
  }
  batch.clear();
  for (Batch* submissions : order) std::ranges::move(*submissions, std::back_inserter(batch));
}

Result<Instant> choose_log_time(store::Database& database, Instant now) {
  const auto last_millis = read_number_fact(database, kLastTime);
  if (!last_millis) return carry(last_millis, "reading the time of the last entry");
  const Instant last = instant_from_millis(last_millis->value_or(0));
  if (now + kClockBackMax < last) {
    return fail(Code::corrupt, "the clock went back: nothing is logged until it is right");
  }
  return std::max(now, last);
}

Result<> note_log_time(store::Database& database, Instant time) {
  return write_number_fact(database, kLastTime, millis_of(time));
}

// Nothing of the batch counts unless this succeeds.
Result<> Sequencer::write(Batch& batch, Batch& postponed, Instant now) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return carry(transaction, "beginning a batch");
  const auto first = ledger_.size();
  if (!first) return carry(first, "reading the log");

  std::vector<Bytes> entries;
  auto next = batch.begin();
  while (next != batch.end() && entries.size() + kTurnEntriesMax <= kBatchEntriesMax) {
    auto turned = let_take_turn(**next, now, *first, entries);
    if (!turned) {
      // When the database gave up the whole transaction, so do we.
      if (!database_.in_transaction()) return turned;
      (*next)->answer = carry(turned);
    }
    ++next;
  }
  std::move(next, batch.end(), std::back_inserter(postponed));
  batch.erase(next, batch.end());

  const auto checkpoint = log(entries, *first, now);
  if (!checkpoint) return carry(checkpoint, "writing the log");
  for (auto& submission : batch) {
    if (submission->answer) continue;
    if (auto done = write_receipts(*submission, *checkpoint); !done) return done;
  }
  if (auto done = transaction->commit(); !done) return carry(done, "committing a batch");
  return {};
}

Result<> Sequencer::let_take_turn(Submission& submission, Instant now, std::uint64_t first,
                                  std::vector<Bytes>& entries) {
  auto savepoint = store::Savepoint::begin(database_);
  if (!savepoint) return carry(savepoint);
  const std::size_t before = entries.size();
  Turn turn(database_, now, options_.region, first, entries);
  auto turned = submission.take_turn(turn);
  if (turned) turned = savepoint->release();
  if (!turned) {
    entries.resize(before);
    return turned;
  }
  submission.wanted = turn.wanted();
  return {};
}

// Appends what was queued; the checkpoint then covers old and new.
Result<std::string> Sequencer::log(const std::vector<Bytes>& entries, std::uint64_t first,
                                   Instant now) {
  if (entries.empty()) return ledger_.checkpoint();
  auto appended = ledger_.append(entries, log_seed_);
  if (!appended) return carry(appended);
  ensure(appended->first == first, "entries get the indices that their records name");
  if (auto done = note_log_time(database_, now); !done) return carry(done);
  return std::move(appended->checkpoint);
}

Result<> Sequencer::write_receipts(Submission& submission, const std::string& checkpoint) {
  api::Receipts answer;
  answer.checkpoint = checkpoint;
  for (const std::uint64_t index : submission.wanted) {
    auto receipt = make_receipt(ledger_, index);
    if (!receipt) return carry(receipt, "proving an entry");
    answer.receipts.push_back(*std::move(receipt));
  }
  submission.answer = std::move(answer);
  return {};
}

Result<api::ReceiptMessage> make_receipt(tlog::Ledger& ledger, std::uint64_t index) {
  auto entry = ledger.entry(index);
  if (!entry) return carry(entry);
  auto proof = ledger.prove_inclusion(index);
  if (!proof) return carry(proof);
  return api::ReceiptMessage{
      .index = index, .entry = *std::move(entry), .proof = *std::move(proof)};
}

}  // namespace amanat::custodian
