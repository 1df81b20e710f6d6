// How fast the log grows and proves on SQLite with every commit on disk.
//
//   store_ledger_bench [FOLDER]      default: the temporary folder

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "amanat/store/ledger_rows.h"
#include "amanat/store/temporary_folder.h"
#include "amanat/tlog/entry.h"

using namespace amanat;
using namespace amanat::store;

namespace {

constexpr std::size_t kBatchEntries = 1000;
constexpr std::size_t kBatches = 200;
constexpr std::size_t kProofs = 20'000;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<Bytes> random_batch() {
  std::vector<Bytes> batch;
  for (std::size_t i = 0; i < kBatchEntries; ++i) {
    tlog::UserEntry entry;
    entry.label = crypto::random_id<tlog::Label>();
    entry.commitment = crypto::random_id<tlog::Commitment>();
    batch.push_back(tlog::encode(entry));
  }
  return batch;
}

void bench_append(Database& database, tlog::Ledger& ledger, const crypto::SigningSeed& seed) {
  std::vector<double> times;
  for (std::size_t i = 0; i < kBatches; ++i) {
    const std::vector<Bytes> batch = random_batch();
    const auto start = std::chrono::steady_clock::now();
    auto transaction = Transaction::begin(database);
    ensure(transaction.has_value(), "a transaction begins");
    ensure(ledger.append(batch, seed).has_value(), "a batch is appended");
    ensure(transaction->commit().has_value(), "a batch is committed");
    times.push_back(seconds_since(start));
  }
  double sum = 0;
  for (const double time : times) sum += time;
  std::ranges::sort(times);
  std::printf("append    %8.0f entries/s   batch of %zu: median %.1f ms, p99 %.1f ms\n",
              static_cast<double>(kBatches * kBatchEntries) / sum, kBatchEntries,
              1000 * times[times.size() / 2], 1000 * times[times.size() * 99 / 100]);
}

void bench_proofs(tlog::Ledger& ledger, const char* what, std::uint64_t first,
                  std::uint64_t count) {
  std::mt19937_64 random(1);
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kProofs; ++i) {
    ensure(ledger.prove_inclusion(first + random() % count).has_value(), "an entry is proved");
  }
  std::printf("prove     %8.0f proofs/s    %s\n",
              static_cast<double>(kProofs) / seconds_since(start), what);
}

void bench(const std::filesystem::path& folder) {
  const std::array steps{kLedgerSchema};
  auto database = Database::open(folder / "records", {.migrations = steps});
  ensure(database.has_value(), "the database opens");
  LedgerRows rows(*database);
  const crypto::Signer signer = crypto::Signer::random();
  const auto key = note::VerifierKey::ed25519("log.example/amanat", signer.public_key().bytes());
  auto ledger = tlog::Ledger::open(rows, key);
  ensure(ledger.has_value(), "the log opens");

  bench_append(*database, *ledger, signer.seed());
  const std::uint64_t size = kBatches * kBatchEntries;
  bench_proofs(*ledger, "anywhere in the log", 0, size);
  bench_proofs(*ledger, "of the last batch", size - kBatchEntries, kBatchEntries);
  const auto start = std::chrono::steady_clock::now();
  ensure(tlog::Ledger::open(rows, key).has_value(), "the log opens again");
  std::printf("open      %8.2f ms\n", 1000 * seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  const TemporaryFolder folder;
  bench(argc > 1 ? std::filesystem::path(argv[1]) : folder.path());
  return 0;
}
