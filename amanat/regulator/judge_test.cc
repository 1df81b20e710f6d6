#include "amanat/regulator/judge.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/regulator/draws.h"
#include "amanat/regulator/test_world.h"

namespace amanat::regulator {
namespace {

using consent::Category;

Report judged(const Evidence& evidence) {
  const auto report = judge(evidence);
  REQUIRE(report.has_value());
  return *report;
}

const Finding& finding(const Report& report, std::string_view check) {
  const auto found = std::ranges::find(report.findings, check, &Finding::check);
  REQUIRE(found != report.findings.end());
  return *found;
}

/// Names of the checks that refute.
std::vector<std::string> refuting(const Report& report) {
  std::vector<std::string> names;
  for (const Finding& one : report.findings) {
    if (one.verdict == Verdict::refuted) names.push_back(one.check + ": " + one.reason);
  }
  return names;
}

/// Exactly this check refutes, and names the entry.
void check_refuted(const Report& report, std::string_view check, std::uint64_t entry) {
  CAPTURE(refuting(report));
  CHECK(refuting(report).size() == 1);
  const Finding& found = finding(report, check);
  CHECK(found.verdict == Verdict::refuted);
  CHECK(std::ranges::find(found.entries, entry) != found.entries.end());
}

struct World : TestWorld {
  World() : photos(give(Category::photos)), contacts(give(Category::contacts)) {
    for (int i = 0; i < 3; ++i) store(photos);
    last = store(contacts);
  }
  TestGrant photos;
  TestGrant contacts;
  std::uint64_t last = 0;
};

}  // namespace

TEST_CASE("an honest custodian is not refuted, and every verdict says what it rests on") {
  World world;
  world.bundles = {world.bundle()};
  const Report report = judged(world.evidence());
  CAPTURE(refuting(report));
  CHECK_FALSE(report.is_refuted());
  CHECK(finding(report, "log-consistency").verdict == Verdict::verified);
  CHECK(finding(report, "consent-before-object").verdict == Verdict::consistent_with);
  CHECK(finding(report, "receipt-validity").verdict == Verdict::consistent_with);
  CHECK(finding(report, "notice-schema").verdict == Verdict::verified);
  CHECK(finding(report, "post-withdrawal-activity").verdict == Verdict::consistent_with);
  CHECK(finding(report, "sealed-sample").verdict == Verdict::consistent_with);
  CHECK(finding(report, "tls-probe").verdict == Verdict::consistent_with);
  CHECK(finding(report, "bucket-location").verdict == Verdict::self_reported);
  CHECK(finding(report, "storage-challenge").verdict == Verdict::verified);
  CHECK(finding(report, "storage-challenge").sample->examined == kSamplesUsual);
  CHECK(finding(report, "feed-freshness").verdict == Verdict::not_examined);
  CHECK(finding(report, "consent-before-object").sample->whole);
}

TEST_CASE("without memory, bundles and witnesses the record is at most consistent") {
  World world;
  CHECK(finding(judged(world.evidence()), "log-consistency").verdict == Verdict::consistent_with);
}

TEST_CASE("an empty log is not examined, and nobody is praised for it") {
  TestWorld world;
  const Report report = judged(world.evidence());
  CHECK_FALSE(report.is_refuted());
  CHECK(finding(report, "storage-challenge").verdict == Verdict::not_examined);
  CHECK(finding(report, "consent-before-object").verdict == Verdict::not_examined);
}

TEST_CASE("an object under a consent that is not in the log refutes consent-before-object") {
  World world;
  TestGrant invented;
  invented.id = crypto::random_id<consent::GrantId>();
  const auto object = world.make_object(invented);
  const auto index = world.log_object(object, crypto::Signer::random(), {});
  check_refuted(judged(world.evidence()), "consent-before-object", index);
}

TEST_CASE("an object that came before its consent refutes consent-before-object") {
  World world;

  const auto object_index = world.entries.size();
  TestGrant later = world.give(Category::audio);
  world.store(later);
  // Exchange the two entries, and everything that is known about them.
  std::swap(world.entries[object_index], world.entries[object_index + 1]);
  auto grant = world.openings.at(object_index);
  auto object = world.openings.at(object_index + 1);
  grant.index = object_index + 1;
  object.index = object_index;
  object.decisions[0].index = object_index + 1;
  world.openings[object_index] = object;
  world.openings[object_index + 1] = grant;
  world.packs[object_index] = world.packs.at(object_index + 1);
  world.packs.erase(object_index + 1);
  check_refuted(judged(world.evidence()), "consent-before-object", object_index);
}

TEST_CASE("an object of another category than its consent refutes consent-before-object") {
  World world;
  auto object = world.make_object(world.photos);
  object.grants[0].category = Category::messages;
  const auto index = world.log_object(object, world.photos.signer(), {&world.photos});
  check_refuted(judged(world.evidence()), "consent-before-object", index);
}

TEST_CASE("an object sealed after its consent ran out refutes consent-before-object") {
  World world;
  auto object = world.make_object(world.photos);
  object.sealed_minute = world.minute + 366 * 24 * 60;
  const auto index = world.log_object(object, world.photos.signer(), {&world.photos});
  check_refuted(judged(world.evidence()), "consent-before-object", index);
}

TEST_CASE("an object that another key signed refutes consent-before-object") {
  World world;
  const auto object = world.make_object(world.photos);
  const auto index = world.log_object(object, world.contacts.signer(), {&world.photos});
  check_refuted(judged(world.evidence()), "consent-before-object", index);
}

TEST_CASE("an opening that the entry did not commit to refutes consent-before-object") {
  World world;
  const auto other = world.store(world.photos);
  world.openings[world.last].event = world.openings.at(other).event;
  check_refuted(judged(world.evidence()), "consent-before-object", world.last);
}

TEST_CASE("an object after a withdrawal refutes both checks that look at it") {
  World world;
  world.withdraw(world.photos);
  const auto index = world.store(world.photos);
  const Report report = judged(world.evidence());
  CHECK(refuting(report).size() == 2);
  CHECK(finding(report, "post-withdrawal-activity").entries == std::vector{index});
  CHECK(finding(report, "consent-before-object").entries == std::vector{index});
}

TEST_CASE("a decision whose signature does not hold refutes receipt-validity") {
  World world;
  auto decision = world.decide(consent::DecisionKind::refused, Category::audio);
  auto statement = consent::sign_decision(decision, crypto::Signer::random());
  REQUIRE(statement.has_value());
  statement->back() ^= 1;
  const auto index = world.log_event(
      tlog::make_event(tlog::EventType::consent_refused, crypto::random_id<tlog::Label>(),
                       crypto::random_id<tlog::Salt>(), {}, *statement, {}));
  check_refuted(judged(world.evidence()), "receipt-validity", index);
}

TEST_CASE("a decision that names a notice nobody published refutes notice-schema") {
  World world;
  auto decision = world.decide(consent::DecisionKind::refused, Category::audio);
  decision.notice = crypto::random_id<consent::NoticeId>();
  const auto statement = consent::sign_decision(decision, crypto::Signer::random());
  REQUIRE(statement.has_value());
  const auto index = world.log_event(
      tlog::make_event(tlog::EventType::consent_refused, crypto::random_id<tlog::Label>(),
                       crypto::random_id<tlog::Salt>(), {}, *statement, {}));
  check_refuted(judged(world.evidence()), "notice-schema", index);
}

TEST_CASE("lost and blanked bytes refute storage-challenge") {
  World world;
  SUBCASE("lost") { world.packs[world.last].clear(); }
  SUBCASE("blanked") { std::ranges::fill(world.packs[world.last], std::uint8_t{0}); }
  check_refuted(judged(world.evidence()), "storage-challenge", world.last);
}

TEST_CASE("an object erased since the checkpoint is asked for again, and refutes nobody yet") {
  World world;
  const auto entries = world.entries;
  world.erase(world.last, world.contacts);
  world.entries = entries;  // the log of the checkpoint does not have the erasure yet
  // The erasure's index is beyond the checkpoint's size.
  world.openings[world.last].erased->index = entries.size() + 1;
  const Report report = judged(world.evidence());
  CAPTURE(refuting(report));
  CHECK_FALSE(report.is_refuted());
  CHECK(finding(report, "storage-challenge").verdict == Verdict::unanswered);
}

TEST_CASE("a pack that is not sealed refutes sealed-sample") {
  World world;
  auto object = world.make_object(world.photos);
  Bytes pack = world.made.at(object.pack);
  std::fill(pack.begin(), pack.end() - 4096, std::uint8_t{'a'});
  object.pack = seal::hash_as<seal::PackId>({});
  object.pack = [&pack] {
    std::vector<merkle::Hash> leaves;
    for (std::size_t at = 0; at < pack.size(); at += 4096) {
      leaves.push_back(merkle::hash_leaf(ByteView(pack).subspan(at, 4096)));
    }
    return seal::PackId::from(merkle::root_of(leaves).bytes()).value();
  }();
  world.made[object.pack] = pack;
  const auto index = world.log_object(object, world.photos.signer(), {&world.photos});
  check_refuted(judged(world.evidence()), "sealed-sample", index);
}

TEST_CASE("a rewritten log is seen against memory and against a phone's receipts") {
  World world;
  const std::string before = world.checkpoint();
  const Bundle receipts = world.bundle();
  auto entry = std::get<tlog::UserEntry>(*tlog::parse_entry(world.entries[world.photos.index]));
  --entry.minute;
  world.entries[world.photos.index] = tlog::encode(entry);
  SUBCASE("unseen by those who remember nothing") {
    CHECK_FALSE(judged(world.evidence()).is_refuted());
  }
  SUBCASE("against memory, with both checkpoints kept") {
    world.remembered = before;
    const Report report = judged(world.evidence());
    CHECK(refuting(report).size() == 1);
    CHECK(finding(report, "log-consistency").notes.size() == 2);
    CHECK(finding(report, "log-consistency").notes[0] == before);
  }
  SUBCASE("against receipts, naming the entry") {
    world.bundles = {receipts};
    check_refuted(judged(world.evidence()), "log-consistency", world.photos.index);
  }
}

TEST_CASE("a log that went back refutes log-consistency") {
  World world;
  const auto short_log = world.entries;
  world.store(world.photos);
  world.store(world.photos);
  world.store(world.photos);
  world.remembered = world.checkpoint();
  world.entries = short_log;
  const Report report = judged(world.evidence());
  CHECK(finding(report, "log-consistency").verdict == Verdict::refuted);
}

TEST_CASE("a label that was used twice refutes log-consistency") {
  World world;
  world.entries.push_back(world.entries[world.photos.index]);
  world.openings[world.entries.size() - 1] = world.openings.at(world.photos.index);
  world.openings[world.entries.size() - 1].index = world.entries.size() - 1;
  check_refuted(judged(world.evidence()), "log-consistency", world.entries.size() - 2);
}

TEST_CASE("erasures open to what the owner signed, and an overdue one is refuted") {
  World world;
  SUBCASE("a tombstone of the owner") {
    world.erase(world.last, world.contacts);
    const Report report = judged(world.evidence());
    CAPTURE(refuting(report));
    CHECK_FALSE(report.is_refuted());
    CHECK(finding(report, "erasure-check").verdict == Verdict::consistent_with);
  }
  SUBCASE("a tombstone of somebody else is an alibi for a loss") {
    world.erase(world.last, world.photos);
    check_refuted(judged(world.evidence()), "erasure-check", world.last);
  }
  SUBCASE("the withdrawal that it follows") {
    const std::uint64_t withdrawal = world.withdraw(world.contacts);
    world.erase_after(world.last, withdrawal);
    const Report report = judged(world.evidence());
    CAPTURE(refuting(report));
    CHECK_FALSE(report.is_refuted());
  }
  SUBCASE("a withdrawal that was cancelled is an alibi for a loss") {
    const std::uint64_t withdrawal = world.withdraw(world.contacts);
    world.cancel(world.contacts);
    world.erase_after(world.last, withdrawal);
    check_refuted(judged(world.evidence()), "erasure-check", world.last);
  }
  SUBCASE("overdue") {
    world.withdraw(world.contacts);
    world.minute += 30 * 24 * 60;
    check_refuted(judged(world.evidence()), "erasure-check", world.last);
  }
}

TEST_CASE("a log whose clock stands still makes nothing due, and is refuted for it") {
  World world;
  world.log_clock_lag = 11;
  const Report report = judged(world.evidence());
  CHECK(finding(report, "log-consistency").verdict == Verdict::refuted);
}

TEST_CASE("what nobody signed refutes nobody") {
  World world;
  world.packs[world.last].clear();
  Evidence evidence = world.evidence();
  SUBCASE("an answer bent on its way") {
    for (Exchange& exchange : evidence.exchanges) exchange.response_body.push_back(' ');
  }
  SUBCASE("another question put under the answer") {
    for (Exchange& exchange : evidence.exchanges) {
      if (exchange.purpose != Purpose::leaves) continue;
      exchange.request_body.push_back(' ');
    }
  }
  SUBCASE("entries that do not have the signed root") { evidence.entries[0][4] ^= 1; }
  SUBCASE("no answers at all") { evidence.exchanges.clear(); }
  SUBCASE("an open door for TLS 1.2") {
    evidence.tls->tls12_accepted = true;
    std::erase_if(evidence.exchanges,
                  [](const Exchange& e) { return e.purpose == Purpose::leaves; });
    CHECK(finding(judged(evidence), "tls-probe").verdict == Verdict::unanswered);
  }
  const Report report = judged(evidence);
  CAPTURE(refuting(report));
  CHECK_FALSE(report.is_refuted());
  CHECK(finding(report, "storage-challenge").verdict == Verdict::unanswered);
}

TEST_CASE("evidence under another policy than the pinned one is about nobody") {
  World world;
  Evidence evidence = world.evidence();
  evidence.policy.push_back(' ');
  CHECK_FALSE(judge(evidence).has_value());
}

TEST_CASE("kept evidence gives the same report again") {
  World world;
  world.bundles = {world.bundle()};
  world.remembered = world.checkpoint();
  world.packs[world.last].clear();
  const Evidence evidence = world.evidence();
  const std::string text = to_text(evidence);
  const auto again = parse_evidence(text);
  REQUIRE(again.has_value());
  CHECK(to_text(*again) == text);
  CHECK(json::to_text(to_json(judged(*again))) == json::to_text(to_json(judged(evidence))));
  CHECK(to_table(judged(*again)) == to_table(judged(evidence)));
}

TEST_CASE("draws are below their bound, and every object is probed while there are few") {
  const Draws draws("log\n1\nroot\n", api::AuditNonce{});
  for (std::uint64_t k = 0; k < 100; ++k) CHECK(draws.draw("leaf", k, 17) < 17);
  const auto probes = choose_probes(draws, 1000, 459);
  std::vector<std::uint64_t> positions;
  for (const Probe& probe : probes) positions.push_back(probe.position);
  std::ranges::sort(positions);
  const auto repeated = std::ranges::unique(positions);
  positions.erase(repeated.begin(), repeated.end());
  CHECK(positions.size() == 1000);
  CHECK(probes.back().number == probes.size() - 1);
  CHECK(choose_probes(draws, 100'000, 459).size() == 459);
  CHECK(choose_probes(draws, 0, 459).empty());
}

TEST_CASE("a bound is said in words") {
  CHECK(in_words(
            {.population = 5000, .examined = 459, .violating = 0, .whole = false, .of = "objects"})
        == "0 of 459 sampled objects violate: fewer than 1.00 % do, at 99 %");
  CHECK(in_words({.population = 12, .examined = 12, .violating = 1, .whole = true, .of = "objects"})
        == "1 of all 12 objects violate");
}

TEST_CASE("the table shows claims, verdicts, and what nobody can prove") {
  Report report{.url = "https://custodian.test",
                .finished = 1'795'500'000'000,
                .policy = {},
                .log_size = 7,
                .witnesses = 0,
                .unanswered = 0,
                .findings = {}};
  report.findings.push_back({.check = "storage-challenge",
                             .verdict = Verdict::refuted,
                             .reason = "object 5: the custodian signs that its bytes are missing",
                             .sample = {},
                             .entries = {5},
                             .exchanges = {},
                             .notes = {}});
  CHECK(to_table(report) == R"(https://custodian.test, 2026-11-24T06:00:00Z
policy 0000000000000000000000000000000000000000000000000000000000000000
log of 7 entries, 0 witnesses

The record: what everything below stands on

Permission: collected and used only under law and consent

Blindness: nobody but the owner can read it

Place: it lies where the maker says

Safekeeping: nothing is lost, withdrawn data is gone
  storage-challenge         refuted          object 5: the custodian signs that its bytes are
                                             missing

Protection: malware is caught, the database is fresh

Nobody can prove
  that a person was asked at all, and not pressed
  that no further copy exists
  that firmware leaks nothing
  that a copied key was forgotten
  that flash forgot a deleted key where no hardware key store held it
)");
}

}  // namespace amanat::regulator
