#pragma once

// What every ledger keeps to, whatever its rows lie in: run on memory and on SQLite.
//
//   TEST_CASE("a ledger in memory") { tlog::check_ledger(make_memory_world); }

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/tlog/entry.h"
#include "amanat/tlog/ledger.h"
#include "amanat/tlog/reader.h"

namespace amanat::tlog {

/// Rows with transactions around them, that survive being opened anew.
class LedgerWorld {
 public:
  LedgerWorld() = default;
  LedgerWorld(const LedgerWorld&) = delete;
  LedgerWorld& operator=(const LedgerWorld&) = delete;
  virtual ~LedgerWorld() = default;
  virtual LedgerStorage& storage() = 0;
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() = 0;
  virtual void reopen() = 0;  // as after a crash: an open transaction is lost
};
using MakeWorld = std::function<std::unique_ptr<LedgerWorld>()>;

inline crypto::SigningSeed suite_seed(std::uint8_t fill = 7) {
  crypto::SigningSeed seed;
  for (std::uint8_t& byte : seed.expose()) byte = fill;
  return seed;
}

inline note::VerifierKey suite_key(std::uint8_t fill = 7) {
  const crypto::Signer signer(suite_seed(fill));
  return note::VerifierKey::ed25519("log.example/amanat", signer.public_key().bytes());
}

inline Bytes suite_entry(std::uint64_t number) {
  UserEntry entry;
  entry.minute = 29'391'610;
  for (std::size_t i = 0; i < 8; ++i) {
    entry.label.fill()[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return encode(entry);
}

inline std::vector<Bytes> suite_entries(std::uint64_t first, std::uint64_t count) {
  std::vector<Bytes> entries;
  for (std::uint64_t i = 0; i < count; ++i) entries.push_back(suite_entry(first + i));
  return entries;
}

/// Appends in a transaction that is committed.
inline Appended append_durably(LedgerWorld& world, Ledger& ledger, std::uint64_t count) {
  world.begin();
  const auto size = ledger.size();
  REQUIRE(size.has_value());
  auto appended = ledger.append(suite_entries(*size, count), suite_seed());
  REQUIRE(appended.has_value());
  CHECK(appended->first == *size);
  world.commit();
  return *appended;
}

inline Ledger open_ledger(LedgerWorld& world) {
  auto ledger = Ledger::open(world.storage(), suite_key());
  if (!ledger) MESSAGE(ledger.error().message);
  REQUIRE(ledger.has_value());
  return std::move(*ledger);
}

inline merkle::Root root_of(std::string_view checkpoint) {
  const auto opened = note::open_checkpoint(checkpoint, suite_key());
  REQUIRE(opened.has_value());
  return opened->root();
}

inline merkle::Root expected_root(std::uint64_t size) {
  merkle::Edge edge;
  for (std::uint64_t i = 0; i < size; ++i) edge.append(merkle::hash_leaf(suite_entry(i)));
  return edge.root();
}

/// Every proof the ledger gives verifies, and a reader from outside sees the same log.
inline void check_proofs(Ledger& ledger, const std::vector<merkle::Root>& earlier) {
  const auto note = ledger.checkpoint();
  REQUIRE(note.has_value());
  const merkle::Root root = root_of(*note);
  for (std::uint64_t index = 0; index < root.leaves; index += 1 + root.leaves / 97) {
    const auto proof = ledger.prove_inclusion(index);
    REQUIRE(proof.has_value());
    CHECK(merkle::verify_inclusion(merkle::hash_leaf(suite_entry(index)), index, *proof, root));
  }
  for (const merkle::Root& older : earlier) {
    const auto proof = ledger.prove_consistency(older.leaves);
    REQUIRE(proof.has_value());
    CHECK(merkle::verify_consistency(older, root, *proof));
  }
}

inline void check_from_outside(Ledger& ledger, const std::vector<merkle::Root>& earlier) {
  const Fetch fetch = [&](std::string_view path) { return ledger.serve(path); };
  const auto checkpoint = fetch_checkpoint(fetch, suite_key());
  REQUIRE(checkpoint.has_value());
  std::uint64_t next = 0;
  const auto visit = [&](const ReadEntry& entry) -> Result<> {
    CHECK(entry.index == next);
    CHECK(std::ranges::equal(entry.bytes, suite_entry(next++)));
    return {};
  };
  const auto reading = read_log(fetch, *checkpoint, visit, earlier);
  if (!reading) MESSAGE(reading.error().message);
  REQUIRE(reading.has_value());
  CHECK(reading->user_entries == checkpoint->root().leaves);
  for (const merkle::Root& older : earlier) {
    CHECK(check_growth(fetch, older, checkpoint->root()).has_value());
  }
}

inline void check_random_batches(const MakeWorld& make) {
  std::mt19937_64 random(20260724);
  for (int round = 0; round < 4; ++round) {
    CAPTURE(round);
    const auto world = make();
    Ledger ledger = open_ledger(*world);
    std::vector<merkle::Root> roots;
    while (roots.empty() || roots.back().leaves < 700) {
      const std::uint64_t most = round == 0 ? 700 : 1 + random() % 300;
      roots.push_back(root_of(append_durably(*world, ledger, 1 + random() % most).checkpoint));
      CHECK(roots.back() == expected_root(roots.back().leaves));
      if (random() % 3 == 0) {  // what a new process reads is what the old one knew
        world->reopen();
        ledger = open_ledger(*world);
      }
    }
    check_proofs(ledger, roots);
    check_from_outside(ledger, roots);
  }
}

inline void check_tile_borders(const MakeWorld& make) {
  const auto world = make();
  Ledger ledger = open_ledger(*world);
  std::vector<merkle::Root> roots;
  for (const std::uint64_t size : {1U, 255U, 256U, 257U, 511U, 512U, 513U}) {
    const std::uint64_t now = *ledger.size();
    roots.push_back(root_of(append_durably(*world, ledger, size - now).checkpoint));
    CHECK(roots.back() == expected_root(size));
    world->reopen();
    ledger = open_ledger(*world);
    check_proofs(ledger, roots);
    check_from_outside(ledger, roots);
  }
}

/// Before, during and after: whatever was rolled back never happened, even for the same ledger.
inline void check_crashes(const MakeWorld& make) {
  for (const bool in_same_process : {true, false}) {
    for (const std::uint64_t durable : {0U, 255U, 256U, 300U}) {
      for (const std::uint64_t lost : {1U, 256U, 400U}) {
        CAPTURE(in_same_process);
        CAPTURE(durable);
        CAPTURE(lost);
        const auto world = make();
        Ledger ledger = open_ledger(*world);
        if (durable > 0) append_durably(*world, ledger, durable);
        world->begin();
        REQUIRE(ledger.append(suite_entries(9'000'000, lost), suite_seed()).has_value());
        CHECK(*ledger.size() == durable + lost);
        CHECK(ledger.prove_inclusion(durable + lost - 1).has_value());
        if (in_same_process) {
          world->rollback();
        } else {
          world->reopen();
          ledger = open_ledger(*world);
        }
        CHECK(*ledger.size() == durable);
        CHECK(ledger.prove_inclusion(durable).error().code == Code::not_found);
        CHECK(ledger.entry(durable).error().code == Code::not_found);
        const Appended again = append_durably(*world, ledger, lost);
        CHECK(again.first == durable);
        CHECK(root_of(again.checkpoint) == expected_root(durable + lost));
        check_proofs(ledger, {});
      }
    }
  }
}

inline void check_serving(const MakeWorld& make) {
  const auto world = make();
  Ledger ledger = open_ledger(*world);
  CHECK(ledger.serve("checkpoint").error().code == Code::not_found);
  CHECK(ledger.serve("tile/0/000").error().code == Code::not_found);
  CHECK(ledger.prove_inclusion(0).error().code == Code::not_found);
  append_durably(*world, ledger, 300);
  CHECK(ledger.serve("tile/0/000")->size() == kTileBytesMax);
  CHECK(ledger.serve("tile/0/000.p/7")->size() == 7 * 32);
  CHECK(ledger.serve("tile/0/001.p/44")->size() == 44 * 32);
  CHECK(ledger.serve("tile/0/001.p/45").error().code == Code::not_found);
  CHECK(ledger.serve("tile/0/001").error().code == Code::not_found);
  CHECK(ledger.serve("tile/0/002.p/1").error().code == Code::not_found);
  CHECK(ledger.serve("tile/1/000.p/1")->size() == 32);
  CHECK(ledger.serve("tile/2/000.p/1").error().code == Code::not_found);
  CHECK(ledger.serve("tile/entries/001.p/44")->size() == 44 * 130);
  CHECK(ledger.serve("tile/entries/x999/x999/x999/x999/x999/999.p/1").error().code
        == Code::not_found);
  CHECK(ledger.serve("tile/0/0").error().code == Code::invalid_input);
  CHECK(ledger.serve("").error().code == Code::invalid_input);
}

inline void check_limits(const MakeWorld& make) {
  const auto world = make();
  Ledger ledger = open_ledger(*world);
  world->begin();
  const auto refused = [&](std::vector<Bytes> entries) {
    return ledger.append(entries, suite_seed()).error().code == Code::invalid_input;
  };
  CHECK(refused({}));
  CHECK(refused({Bytes{}}));
  CHECK(refused({Bytes(kEntryBytesMax + 1)}));
  CHECK(refused(std::vector<Bytes>(kBatchEntriesMax + 1, Bytes{1})));
  CHECK(ledger.append(suite_entries(0, 1), suite_seed(8)).error().code == Code::invalid_input);
  CHECK(ledger.append(std::vector<Bytes>{Bytes(kEntryBytesMax)}, suite_seed()).has_value());
  world->commit();
}

inline void check_ledger(const MakeWorld& make) {
  SUBCASE("every split into batches gives the same tree, and its proofs verify") {
    check_random_batches(make);
  }
  SUBCASE("tiles end at 256 hashes and the next level begins") { check_tile_borders(make); }
  SUBCASE("a transaction that is lost takes its entries with it") { check_crashes(make); }
  SUBCASE("the paths of tlog-tiles are served as far as the log has grown") { check_serving(make); }
  SUBCASE("a batch outside the limits or under another key is refused") { check_limits(make); }
}

}  // namespace amanat::tlog
