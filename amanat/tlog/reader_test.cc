#include "amanat/tlog/reader.h"

#include <map>

#include <doctest/doctest.h>

#include "amanat/tlog/bodies.h"
#include "amanat/tlog/event.h"
#include "amanat/tlog/ledger_suite.h"
#include "amanat/tlog/memory_ledger.h"
#include "amanat/tlog/receipt.h"
#include "amanat/tlog/tile.h"

using namespace amanat;
using namespace amanat::tlog;

namespace {

constexpr Minute kMinute = 29'391'610;

Bytes config_entry(Minute minute = kMinute) {
  const LogConfig config{
      .origin = "log.example/amanat", .policy = {}, .region = Region::none, .batch_ms = 200};
  return encode(organisation_entry(config, minute));
}

Bytes user_entry(std::uint8_t label, Minute minute = kMinute) {
  UserEntry entry;
  entry.minute = minute;
  entry.label.fill()[0] = label;
  return encode(entry);
}

/// A log of exactly these entries, honestly signed.
struct SignedLog {
  MemoryLedger rows;
  Ledger ledger;

  explicit SignedLog(const std::vector<Bytes>& entries) : ledger(*Ledger::open(rows, suite_key())) {
    REQUIRE(ledger.append(entries, suite_seed()).has_value());
  }
  Fetch fetch() {
    return [this](std::string_view path) { return ledger.serve(path); };
  }
  note::VerifiedCheckpoint checkpoint() { return *fetch_checkpoint(fetch(), suite_key()); }
  LogReading read() {
    auto reading = read_log(fetch(), checkpoint(), {});
    REQUIRE(reading.has_value());
    return std::move(*reading);
  }
};

std::vector<std::pair<FaultKind, std::uint64_t>> faults_of(const LogReading& reading) {
  std::vector<std::pair<FaultKind, std::uint64_t>> faults;
  for (const Fault& fault : reading.faults) faults.emplace_back(fault.kind, fault.index);
  return faults;
}

using Faults = std::vector<std::pair<FaultKind, std::uint64_t>>;

}  // namespace

TEST_CASE("a decent log is read without a fault and counted by type") {
  SignedLog log({config_entry(), user_entry(1), user_entry(2, kMinute + 5)});
  const LogReading reading = log.read();
  CHECK(reading.faults.empty());
  CHECK(reading.user_entries == 2);
  CHECK(reading.organisation_entries == 1);
  CHECK(reading.by_type.at(to_byte(EventType::cover)) == 2);
  CHECK(reading.unknown.empty());
  CHECK(reading.root == log.checkpoint().root());
}

TEST_CASE("a label that was used twice is reported with both indices") {
  SignedLog log({config_entry(), user_entry(1), user_entry(2), user_entry(1)});
  const LogReading reading = log.read();
  CHECK(faults_of(reading) == Faults{{FaultKind::label_repeated, 3}});
  CHECK(reading.faults.front().message == "its label was used at 1");
}

TEST_CASE("minutes may go back by 2 and not by 3") {
  SignedLog two({config_entry(), user_entry(1, kMinute + 2), user_entry(2, kMinute)});
  CHECK(two.read().faults.empty());
  SignedLog three({config_entry(), user_entry(1, kMinute + 3), user_entry(2, kMinute)});
  CHECK(faults_of(three.read()) == Faults{{FaultKind::minute_went_back, 2}});
  // Step by step is no way back either: what counts is the newest minute seen.
  SignedLog steps({config_entry(), user_entry(1, kMinute + 4), user_entry(2, kMinute + 2),
                   user_entry(3, kMinute)});
  CHECK(faults_of(steps.read()) == Faults{{FaultKind::minute_went_back, 3}});
}

TEST_CASE("what nobody registered is counted, what is malformed is a fault") {
  Bytes unregistered = user_entry(1);
  unregistered[1] = 0x77;
  Bytes malformed = user_entry(2);
  malformed.back() = 1;
  const Bytes bad_body = encode(
      OrganisationEntry{.type = EventType::audit_challenge, .minute = kMinute, .body = Bytes(31)});
  const Bytes kept_free =
      encode(OrganisationEntry{.type = EventType::breach, .minute = kMinute, .body = Bytes(3)});
  SignedLog log({config_entry(), unregistered, malformed, bad_body, kept_free, Bytes{1}});
  const LogReading reading = log.read();
  CHECK(reading.unknown == std::map<std::uint8_t, std::uint64_t>{{0x25, 1}, {0x77, 1}});
  CHECK(faults_of(reading)
        == Faults{{FaultKind::malformed, 2}, {FaultKind::malformed, 3}, {FaultKind::malformed, 5}});
}

TEST_CASE("a log begins with its configuration and has no second one") {
  SignedLog none({user_entry(1), user_entry(2)});
  CHECK(faults_of(none.read()) == Faults{{FaultKind::no_log_config, 0}});
  SignedLog two({config_entry(), config_entry()});
  CHECK(faults_of(two.read()) == Faults{{FaultKind::no_log_config, 1}});
}

TEST_CASE("a server that shows other entries than it signed is caught") {
  SignedLog log({config_entry(), user_entry(1), user_entry(2)});
  SignedLog other({config_entry(), user_entry(1), user_entry(3)});
  const Fetch lying = [&](std::string_view path) {
    return path == "checkpoint" ? log.ledger.serve(path) : other.ledger.serve(path);
  };
  CHECK(read_log(lying, log.checkpoint(), {}).error().code == Code::forged);
}

TEST_CASE("a log that was rewritten or cut is told from one that grew") {
  SignedLog now({config_entry(), user_entry(1), user_entry(2)});
  SignedLog before({config_entry(), user_entry(1)});
  SignedLog rewritten({config_entry(), user_entry(9)});
  SignedLog larger({config_entry(), user_entry(1), user_entry(2), user_entry(3)});
  const auto read_after = [&](SignedLog& seen) {
    const merkle::Root root = seen.checkpoint().root();
    return read_log(now.fetch(), now.checkpoint(), {}, std::span(&root, 1));
  };
  const auto grew_from = [&](SignedLog& seen) {
    return check_growth(now.fetch(), seen.checkpoint().root(), now.checkpoint().root());
  };
  CHECK(read_after(before).has_value());
  CHECK(grew_from(before).has_value());
  CHECK(read_after(now).has_value());
  CHECK(grew_from(now).has_value());
  CHECK(read_after(rewritten).error().code == Code::forged);
  CHECK(grew_from(rewritten).error().code == Code::forged);
  CHECK(read_after(larger).error().code == Code::stale);
  CHECK(grew_from(larger).error().code == Code::stale);
  SignedLog fork({config_entry(), user_entry(1), user_entry(7)});
  CHECK(grew_from(fork).error().code == Code::forged);
  CHECK(check_growth(now.fetch(), {.leaves = 0, .hash = merkle::empty_root()},
                     now.checkpoint().root())
            .has_value());
}

TEST_CASE("a partial bundle that the server has dropped is read from the full one") {
  std::vector<Bytes> entries{config_entry()};
  for (int i = 1; i < 256; ++i) entries.push_back(user_entry(static_cast<std::uint8_t>(i)));
  SignedLog early({entries.begin(), entries.begin() + 100});
  SignedLog late(entries);
  const Fetch full_only = [&](std::string_view path) -> Result<Bytes> {
    if (path.contains(".p/")) return fail(Code::not_found, "gone");
    return late.ledger.serve(path);
  };
  const auto reading = read_log(full_only, early.checkpoint(), {});
  REQUIRE(reading.has_value());
  CHECK(reading->root.leaves == 100);
}

TEST_CASE("a checkpoint of another key or origin is not read") {
  SignedLog log({config_entry()});
  CHECK(fetch_checkpoint(log.fetch(), suite_key(8)).error().code == Code::not_found);
}

TEST_CASE("the visitor may stop the reading, and its reason comes back") {
  SignedLog log({config_entry(), user_entry(1)});
  const auto stop = [](const ReadEntry& entry) -> Result<> {
    if (entry.index == 1) return fail(Code::denied, "enough");
    return {};
  };
  CHECK(read_log(log.fetch(), log.checkpoint(), stop).error().code == Code::denied);
}

TEST_CASE("a receipt shows its event in the log, and nothing else") {
  const Salt salt(std::array<std::uint8_t, 32>{1});
  const Label label(std::array<std::uint8_t, 32>{2});
  const Event event =
      make_event(EventType::consent_grant, label, salt, {}, Bytes{1, 2, 3}, LinkParts{});
  const Bytes entry = encode(entry_of(event, kMinute, Region::ap_south_1));
  SignedLog log({config_entry(), entry, user_entry(9)});
  Receipt receipt{.event = event,
                  .index = 1,
                  .entry = entry,
                  .proof = *log.ledger.prove_inclusion(1),
                  .checkpoint = *log.ledger.checkpoint()};
  const auto checked = check(receipt, suite_key());
  REQUIRE(checked.has_value());
  CHECK(checked->root().leaves == 3);
  CHECK(*parse_receipt(encode(receipt)) == receipt);

  SUBCASE("at another index") { receipt.index = 0; }
  SUBCASE("past the end") { receipt.index = 3; }
  SUBCASE("with another label") { receipt.event.label = {}; }
  SUBCASE("with another commitment") { receipt.event.commitment = {}; }
  SUBCASE("with another link") { receipt.event.link.fill()[0] = 1; }
  SUBCASE("with another type") { receipt.event.type = EventType::consent_refused; }
  SUBCASE("with another minute in the entry") { receipt.entry[7] ^= 1; }
  SUBCASE("with a bent proof") { receipt.proof[0].fill()[0] ^= 1; }
  SUBCASE("with a short proof") { receipt.proof.pop_back(); }
  SUBCASE("with a bent signature") {
    char& end = receipt.checkpoint[receipt.checkpoint.size() - 8];
    end = end == 'A' ? 'B' : 'A';
  }
  SUBCASE("with an entry of the organisation") { receipt.entry = config_entry(); }
  CHECK(check(receipt, suite_key()).error().code == Code::forged);
}
