#include <doctest/doctest.h>

#include "amanat/custodian/test_phone.h"
#include "amanat/tlog/bodies.h"

namespace amanat::custodian {
namespace {

using consent::Category;
using consent::DecisionKind;

struct Audited {
  TestCustodian world;
  TestPhone phone{world};
  crypto::Signer auditor = crypto::Signer::random();
  TestGrant photos;
  Audited() {
    REQUIRE(world.custodian().add_auditor(auditor.public_key()).has_value());
    REQUIRE(phone.open_account().status == 201);
    REQUIRE(phone.put_keyring().status == 201);
    photos = phone.give(Category::photos);
  }
  Reply ask_as(const crypto::Signer& signer, std::string_view path, std::string_view json) {
    api::ClientRequest request;
    request.method = api::Method::post;
    request.path = path;
    request.body = Bytes(json.begin(), json.end());
    return phone.send(std::move(request), signer);
  }
  api::Openings open(std::vector<std::uint64_t> indices) {
    const api::OpeningsRequest request{.indices = std::move(indices)};
    const Reply reply = ask_as(auditor, "/v1/openings", api::to_text(request));
    REQUIRE_MESSAGE(reply.status == 200, reply.text());
    return *api::parse_openings(reply.text());
  }
  /// The newest entry of the log.
  tlog::Entry last_entry() {
    const auto checkpoint = note::open_checkpoint(
        phone.send_unsigned(get("/log/checkpoint")).text(), world.custodian().policy().log_key);
    const auto size = static_cast<unsigned>(checkpoint->root().leaves);
    const auto path = tlog::path_of({.level = {}, .index = 0, .width = size});
    const Reply bundle = phone.send_unsigned(get("/log/" + path));
    return *tlog::parse_entry(tlog::parse_bundle(bundle.body, size)->back());
  }
  static api::ClientRequest get(std::string_view path) {
    api::ClientRequest request;
    request.path = path;
    return request;
  }
};

}  // namespace

TEST_CASE("an opening shows an auditor what an object was stored under, in order") {
  Audited audited;
  TestPhone& phone = audited.phone;
  const TestGrant location = phone.give(Category::location);
  const TestPack pack = phone.store({&audited.photos, &location});
  const auto committed = api::parse_receipts(phone.commit({pack}).text());
  const std::uint64_t object = committed->receipts.front().index;
  audited.world.clock().advance(std::chrono::minutes(1));
  REQUIRE(phone.post_event(phone.make_later_event(DecisionKind::renewed, location)).status == 200);
  audited.world.clock().advance(std::chrono::minutes(1));
  REQUIRE(phone.withdraw(location).status == 200);

  const auto openings = audited.open({object, 0, committed->receipts.back().index, 1'000'000});
  REQUIRE(openings.openings.size() == 4);
  const auto& opening = openings.openings[0];
  CHECK(opening.event == pack.event);
  CHECK(!opening.erased);
  std::vector<tlog::EventType> types;
  for (const auto& decision : opening.decisions) {
    types.push_back(tlog::parse_event(decision.event)->type);
  }
  CHECK(types
        == std::vector{tlog::EventType::consent_grant, tlog::EventType::consent_grant,
                       tlog::EventType::consent_renewed, tlog::EventType::consent_withdraw});
  CHECK(opening.decisions[0].event == audited.photos.event);
  CHECK(openings.openings[1].unknown);  // the organisation's own
  CHECK(openings.openings[2].closed);   // a vault head
  CHECK(openings.openings[3].unknown);
}

TEST_CASE("of many changes of mind an opening shows the newest, so that it can be read at all") {
  Audited audited;
  TestPhone& phone = audited.phone;
  const TestPack pack = phone.store({&audited.photos});
  const auto committed = api::parse_receipts(phone.commit({pack}).text());
  Bytes last;
  for (int i = 0; i < 40; ++i) {
    audited.world.clock().advance(std::chrono::minutes(1));
    REQUIRE(phone.withdraw(audited.photos).status == 200);
    audited.world.clock().advance(std::chrono::minutes(1));
    last = phone.make_later_event(DecisionKind::withdraw_cancelled, audited.photos);
    REQUIRE(phone.post_event(last).status == 200);
  }
  const auto openings = audited.open({committed->receipts.front().index});
  const auto& decisions = openings.openings.front().decisions;
  REQUIRE(decisions.size() == 60);
  CHECK(decisions.front().event == audited.photos.event);
  CHECK(decisions.back().event == last);
}

TEST_CASE("what an auditor looks at is logged before the answer") {
  Audited audited;
  audited.open({1, 2, 3});
  const auto entry = audited.last_entry();
  const auto* organisation = std::get_if<tlog::OrganisationEntry>(&entry);
  REQUIRE(organisation != nullptr);
  const auto access = tlog::body_of<tlog::AuditAccess>(*organisation);
  REQUIRE(access.has_value());
  CHECK(access->kind == tlog::AuditAccess::Kind::openings);
  CHECK(access->count == 3);
}

TEST_CASE("drawn leaves are answered only after the nonce was fixed in the log") {
  Audited audited;
  TestPhone& phone = audited.phone;
  const TestPack pack = phone.store({&audited.photos}, 2);
  const auto committed = api::parse_receipts(phone.commit({pack}).text());
  const std::uint64_t object = committed->receipts.front().index;
  const auto nonce = crypto::random_id<api::AuditNonce>();
  const api::DrawnLeaves drawn{.nonce = nonce, .leaves = {{object, 20}, {object, 32}}};
  const auto draw = [&] {
    return audited.ask_as(audited.auditor, "/v1/challenges", api::to_text(drawn));
  };
  CHECK(draw().code() == "denied");

  const api::FixNonce fix{.nonce_hash =
                              *api::NonceHash::from(crypto::sha256(nonce.bytes()).bytes())};
  const auto fixed = api::parse_receipts(
      audited.ask_as(audited.auditor, "/v1/challenges", api::to_text(fix)).text());
  REQUIRE(fixed.has_value());
  TestPhone::check_receipts(audited.world, *fixed);

  const Reply reply = draw();
  REQUIRE_MESSAGE(reply.status == 200, reply.text());
  const auto answers = api::parse_leaf_answers(reply.text());
  const merkle::Root root{.leaves = 33, .hash = *merkle::Hash::from(pack.object.pack.bytes())};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& answer = answers->answers[i];
    CHECK(merkle::verify_inclusion(merkle::hash_leaf(answer.leaf), drawn.leaves[i].leaf,
                                   answer.path, root)
              .has_value());
  }
  const api::DrawnLeaves no_object{.nonce = nonce, .leaves = {{0, 0}}};
  CHECK(audited.ask_as(audited.auditor, "/v1/challenges", api::to_text(no_object)).code()
        == "not_found");
}

TEST_CASE("one auditor's nonce is no other's") {
  Audited audited;
  const auto other = crypto::Signer::random();
  REQUIRE(audited.world.custodian().add_auditor(other.public_key()).has_value());
  const auto nonce = crypto::random_id<api::AuditNonce>();
  const api::FixNonce fix{.nonce_hash =
                              *api::NonceHash::from(crypto::sha256(nonce.bytes()).bytes())};
  CHECK(audited.ask_as(audited.auditor, "/v1/challenges", api::to_text(fix)).status == 200);
  const api::DrawnLeaves drawn{.nonce = nonce, .leaves = {}};
  CHECK(audited.ask_as(other, "/v1/challenges", api::to_text(drawn)).code() == "denied");
  CHECK(audited.ask_as(other, "/v1/challenges", api::to_text(fix)).code() == "conflict");
}

}  // namespace amanat::custodian
