#include "amanat/custodian/sequencer.h"

#include <algorithm>
#include <future>
#include <set>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/custodian/schema.h"
#include "amanat/store/ledger_rows.h"
#include "amanat/tlog/bodies.h"
#include "amanat/tlog/receipt.h"

namespace amanat::custodian {
namespace {

struct Log {
  ManualClock clock{instant_from_millis(1'795'500'000'000)};
  crypto::Signer signer = crypto::Signer::random();
  note::VerifierKey key = note::VerifierKey::ed25519("log.test", signer.public_key().bytes());
  store::Database database = *store::Database::open_in_memory({.migrations = schema()});
  store::LedgerRows rows{database};
  tlog::Ledger ledger = *tlog::Ledger::open(rows, key);
  std::optional<Sequencer> sequencer;

  explicit Log(std::chrono::milliseconds wait = std::chrono::milliseconds(0)) {
    sequencer.emplace(database, ledger, signer.seed(), clock, SequencerOptions{.batch_wait = wait});
  }
  static Bytes entry(const Turn& turn) {
    return tlog::encode(tlog::organisation_entry(
        tlog::AuditChallenge{.nonce_hash = crypto::random_id<tlog::NonceHash>()}, turn.minute()));
  }
  Result<api::Receipts> append(const seal::AccountId& account = {}) {
    return sequencer->submit(account, [](Turn& turn) -> Result<> {
      turn.want_receipt(turn.append(entry(turn)));
      return {};
    });
  }
};

}  // namespace

TEST_CASE("whoever submits gets proofs of their own entries under one checkpoint") {
  Log log(std::chrono::milliseconds(20));
  std::vector<std::thread> threads;
  std::vector<api::Receipts> answers(20);
  for (auto& answer : answers) {
    threads.emplace_back([&] { answer = *log.append(crypto::random_id<seal::AccountId>()); });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> indices;
  for (const auto& answer : answers) {
    REQUIRE(answer.receipts.size() == 1);
    const auto& receipt = answer.receipts.front();
    indices.insert(receipt.index);
    CHECK(tlog::check_inclusion(receipt.entry, receipt.index, receipt.proof, answer.checkpoint,
                                log.key)
              .has_value());
  }
  CHECK(indices.size() == 20);
  CHECK(*indices.rbegin() == 19);
}

TEST_CASE(
    "a turn that fails leaves neither entries nor records, and the others of its batch stand") {
  Log log(std::chrono::milliseconds(20));
  std::optional<Result<api::Receipts>> good;
  std::thread other([&] { good = log.append(crypto::random_id<seal::AccountId>()); });
  const auto refused = log.sequencer->submit({}, [](Turn& turn) -> Result<> {
    turn.append(Log::entry(turn));
    auto written = write_number_fact(turn.database(), "never", 1);
    if (!written) return written;
    return fail(Code::denied, "no");
  });
  other.join();
  CHECK(refused.error().code == Code::denied);
  REQUIRE(good.has_value());
  CHECK(good->has_value());
  const auto next = log.append();
  CHECK(next->receipts.front().index == 1);
  log.sequencer.reset();
  CHECK(!read_number_fact(log.database, "never")->has_value());
}

TEST_CASE("in a batch the order of accounts is random, and each account's own order is kept") {
  Log log;
  constexpr std::size_t kAccounts = 12;
  // Holds the log until all others are waiting, so that they share a batch.
  std::promise<void> all_are_waiting;
  auto first = log.sequencer->enqueue({}, [&](Turn& turn) -> Result<> {
    all_are_waiting.get_future().wait();
    turn.append(Log::entry(turn));
    return {};
  });
  std::vector<seal::AccountId> accounts(kAccounts);
  for (auto& account : accounts) account = crypto::random_id<seal::AccountId>();
  std::ranges::sort(accounts);
  std::vector<std::pair<std::size_t, std::size_t>> order;  // account, number
  std::vector<std::future<Result<api::Receipts>>> waiting;
  for (std::size_t number = 0; number < 2; ++number) {
    for (std::size_t account = 0; account < kAccounts; ++account) {
      waiting.push_back(log.sequencer->enqueue(accounts[account], [&order, account, number](Turn&) {
        order.emplace_back(account, number);
        return Result<>();
      }));
    }
  }
  all_are_waiting.set_value();
  REQUIRE(first.get().has_value());
  for (auto& answer : waiting) REQUIRE(answer.get().has_value());

  REQUIRE(order.size() == 2 * kAccounts);
  std::vector<std::size_t> next(kAccounts, 0);
  for (const auto& [account, number] : order) CHECK(next[account]++ == number);
  CHECK(!std::ranges::is_sorted(order));  // 1 in 12!
}

TEST_CASE(
    "a clock that goes back a little is waited for, and one that goes back far stops the log") {
  Log log;
  REQUIRE(log.append().has_value());
  log.clock.advance(std::chrono::seconds(-50));
  REQUIRE(log.append().has_value());
  log.clock.advance(std::chrono::seconds(-50));
  CHECK(log.append().error().code == Code::corrupt);
  CHECK(!log.sequencer->is_healthy());
  log.clock.advance(std::chrono::seconds(100));  // put right
  CHECK(log.append().has_value());
  CHECK(log.sequencer->is_healthy());
}

TEST_CASE("a log that contradicts itself is written no further") {
  Log log;
  REQUIRE(log.append().has_value());
  const auto damaged = log.sequencer->submit({}, [](Turn& turn) {
    return turn.database().run("UPDATE log_head SET checkpoint = 'nothing'");
  });
  CHECK(log.append().error().code == Code::corrupt);
  CHECK(log.append().error().code == Code::corrupt);
  CHECK(!log.sequencer->is_healthy());
}

}  // namespace amanat::custodian
