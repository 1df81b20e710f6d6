#include <doctest/doctest.h>

#include "amanat/custodian/test_phone.h"

namespace amanat::custodian {
namespace {

using consent::Category;
using consent::DecisionKind;

/// An account that has given nothing yet.
struct Opened {
  TestCustodian world;
  TestPhone phone{world};
  Opened() { REQUIRE(phone.open_account().status == 201); }

  Bytes event(const consent::Decision& decision) {
    return phone.make_decision_event(decision, crypto::Signer::random());
  }
};

api::Receipts receipts_of(const Reply& reply) {
  const auto receipts = api::parse_receipts(reply.text());
  REQUIRE(receipts.has_value());
  return *receipts;
}

}  // namespace

TEST_CASE("each answer of a person is logged, and its receipt holds") {
  Opened opened;
  TestPhone& phone = opened.phone;
  const TestGrant photos = phone.give(Category::photos);
  const Reply refused =
      phone.post_event(opened.event(phone.decide(DecisionKind::refused, Category::videos)));
  TestPhone::check_receipts(opened.world, receipts_of(refused));
  for (const DecisionKind kind : {DecisionKind::renewed, DecisionKind::withdrawn,
                                  DecisionKind::withdraw_cancelled, DecisionKind::withdrawn}) {
    opened.world.clock().advance(std::chrono::minutes(1));
    const Reply reply = phone.post_event(phone.make_later_event(kind, photos));
    REQUIRE_MESSAGE(reply.status == 200, reply.text());
    TestPhone::check_receipts(opened.world, receipts_of(reply));
  }
}

TEST_CASE("an event sent again is answered with the same index, and another under its label not") {
  Opened opened;
  TestPhone& phone = opened.phone;
  const TestGrant photos = phone.give(Category::photos);
  const auto first = receipts_of(phone.post_event(photos.event));
  opened.world.clock().advance(std::chrono::hours(48));  // long after a new one would be too old
  const auto again = receipts_of(phone.post_event(photos.event));
  CHECK(first.receipts.front().index == again.receipts.front().index);

  --phone.labels;
  const Bytes other = opened.event(phone.decide(DecisionKind::given, Category::audio));
  CHECK(phone.post_event(other).code() == "conflict");
}

TEST_CASE("an event that is not well formed, or signed by somebody else, is refused") {
  Opened opened;
  TestPhone& phone = opened.phone;
  const auto decision = phone.decide(DecisionKind::given, Category::photos);
  auto event = *tlog::parse_event(opened.event(decision));

  SUBCASE("commitment") { event.commitment = crypto::random_id<tlog::Commitment>(); }
  SUBCASE("link") { event.link = crypto::random_id<tlog::Link>(); }
  SUBCASE("link salt") { event.link_salt = crypto::random_id<tlog::LinkSalt>(); }
  SUBCASE("size class") { event.size_class = 1; }
  SUBCASE("another type than its decision") {
    event = tlog::make_event(tlog::EventType::consent_refused, event.label, event.salt, {},
                             event.statement, {});
  }
  SUBCASE("a statement that its key did not sign") {
    Bytes bent = event.statement;
    bent.back() ^= 1U;
    event = tlog::make_event(event.type, event.label, event.salt, {}, bent, {});
  }
  SUBCASE("a type that is not posted") {
    event = tlog::make_event(tlog::EventType::client_report, event.label, event.salt, {}, {}, {});
  }
  const Reply reply = phone.post_event(tlog::encode(event));
  CHECK((reply.code() == "invalid_input" || reply.code() == "forged"));
  CHECK(receipts_of(phone.get("/v1/receipts")).receipts.size() == 1);  // the device alone
}

TEST_CASE("a decision names a notice that was published, in its language and for its purpose") {
  Opened opened;
  TestPhone& phone = opened.phone;
  auto decision = phone.decide(DecisionKind::given, Category::photos);
  SUBCASE("unknown notice") { decision.notice = crypto::random_id<consent::NoticeId>(); }
  SUBCASE("another language") { decision.language = "hi"; }
  SUBCASE("another purpose") { decision.purpose = consent::Purpose::analytics; }
  CHECK(phone.post_event(opened.event(decision)).code() == "denied");
}

TEST_CASE("a decision is at most a day old and at most five minutes ahead") {
  Opened opened;
  TestPhone& phone = opened.phone;
  struct Case {
    std::chrono::minutes shift;
    std::string_view code;
  };
  const auto cases = std::to_array<Case>({{std::chrono::minutes(-24 * 60 - 1), "stale"},
                                          {std::chrono::minutes(6), "invalid_input"},
                                          {std::chrono::minutes(-24 * 60 + 1), ""}});
  for (const Case& c : cases) {
    auto decision = phone.decide(DecisionKind::given, Category::photos);
    decision.shown_at += c.shift;
    decision.decided_at += c.shift;
    CHECK(phone.post_event(opened.event(decision)).code() == c.code);
  }
}

TEST_CASE("there is one consent at a time for a category and purpose") {
  Opened opened;
  TestPhone& phone = opened.phone;
  const TestGrant photos = phone.give(Category::photos);
  const auto ask_again = [&] {
    return phone.post_event(opened.event(phone.decide(DecisionKind::given, Category::photos)));
  };
  CHECK(ask_again().code() == "conflict");
  REQUIRE(phone.withdraw(photos).status == 200);
  CHECK(ask_again().status == 200);
  // The old one cannot come back while the new one stands in its place.
  const Reply cancelled =
      phone.post_event(phone.make_later_event(DecisionKind::withdraw_cancelled, photos));
  CHECK(cancelled.code() == "conflict");
}

TEST_CASE("a withdrawal can be cancelled for 72 hours and no longer") {
  Opened opened;
  TestPhone& phone = opened.phone;
  const TestGrant photos = phone.give(Category::photos);
  REQUIRE(phone.withdraw(photos).status == 200);
  CHECK(phone.withdraw(photos).code() == "conflict");
  SUBCASE("in time") {
    opened.world.clock().advance(std::chrono::hours(71));
    const Bytes event = phone.make_later_event(DecisionKind::withdraw_cancelled, photos);
    CHECK(phone.post_event(event).status == 200);
  }
  SUBCASE("too late") {
    opened.world.clock().advance(std::chrono::hours(72));
    const Bytes event = phone.make_later_event(DecisionKind::withdraw_cancelled, photos);
    CHECK(phone.post_event(event).code() == "conflict");
  }
  SUBCASE("after a confirmed keyring") {
    phone.put_keyring();
    REQUIRE(phone.put_keyring(true).status == 201);
    opened.world.clock().advance(std::chrono::minutes(1));
    const Bytes event = phone.make_later_event(DecisionKind::withdraw_cancelled, photos);
    CHECK(phone.post_event(event).code() == "conflict");
  }
}

TEST_CASE("only the key of a grant speaks about it, and only its own account") {
  Opened opened;
  TestPhone& phone = opened.phone;
  const TestGrant photos = phone.give(Category::photos);
  auto decision = phone.decide(DecisionKind::withdrawn, Category::photos);
  decision.grant = photos.id;
  CHECK(phone.post_event(opened.event(decision)).code() == "forged");
  decision.category = Category::videos;
  CHECK(phone.post_event(phone.make_decision_event(decision, photos.signer())).code()
        == "invalid_input");

  TestPhone other(opened.world);
  REQUIRE(other.open_account().status == 201);
  CHECK(other.withdraw(photos).code() == "not_found");
}

TEST_CASE("of several events none is logged when one is refused") {
  Opened opened;
  TestPhone& phone = opened.phone;
  const Bytes good = opened.event(phone.decide(DecisionKind::given, Category::photos));
  auto decision = phone.decide(DecisionKind::given, Category::videos);
  decision.notice = crypto::random_id<consent::NoticeId>();
  const api::PostEvents both{.events = {good, opened.event(decision)}};
  CHECK(phone.post("/v1/events", api::to_text(both)).code() == "denied");
  CHECK(receipts_of(phone.get("/v1/receipts")).receipts.size() == 1);
  CHECK(phone.post_event(good).status == 200);
}

TEST_CASE("receipts come in pages, after an index") {
  Opened opened;
  TestPhone& phone = opened.phone;
  phone.give(Category::photos);
  phone.give(Category::videos);
  const auto all = receipts_of(phone.get("/v1/receipts"));
  REQUIRE(all.receipts.size() == 3);
  const std::string after = "after=" + std::to_string(all.receipts[1].index);
  const auto rest = receipts_of(phone.get("/v1/receipts", after));
  REQUIRE(rest.receipts.size() == 1);
  CHECK(rest.receipts.front().index == all.receipts[2].index);
  CHECK(phone.get("/v1/receipts", "after=01").code() == "invalid_input");
}

}  // namespace amanat::custodian
