#include "amanat/api/messages.h"

#include <doctest/doctest.h>

#include "amanat/api/policy.h"

using namespace amanat;
using namespace amanat::api;

namespace {

Policy small_policy() {
  Policy policy;
  policy.origin = "amanat.example/log";
  const auto log_key = crypto::Signer::random();
  policy.log_key = note::VerifierKey::ed25519(policy.origin, log_key.public_key().bytes());
  policy.answer_key = crypto::Signer::random().public_key();
  policy.certificate_authority = "-----BEGIN CERTIFICATE-----\n";
  policy.region = "none";
  return policy;
}

}  // namespace

TEST_CASE("a message is refused for a field it does not have, has twice, or lacks") {
  const std::string hash(64, '0');
  CHECK(parse_fix_nonce(R"({"nonce_hash":")" + hash + R"("})"));
  for (const std::string& text :
       {R"({"nonce_hash":")" + hash + R"(","more":1})",
        R"({"nonce_hash":")" + hash + R"(","nonce_hash":")" + hash + R"("})", std::string("{}"),
        R"({"nonce_hash":")" + hash.substr(1) + R"("})", std::string(R"({"nonce_hash":7})"),
        std::string("[]"), std::string()}) {
    CAPTURE(text);
    const auto parsed = parse_fix_nonce(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Code::invalid_input);
  }
}

TEST_CASE("a list longer than its maximum is refused") {
  OpeningsRequest request;
  request.indices.assign(kOpeningsMax, 1);
  CHECK(parse_openings_request(to_text(request)));
  request.indices.push_back(1);
  CHECK_FALSE(parse_openings_request(to_text(request)));

  PostEvents events;
  events.events.assign(kEventsMax + 1, Bytes{1});
  CHECK_FALSE(parse_post_events(to_text(events)));
}

TEST_CASE("an opening is unknown, closed or open, never two of them") {
  CHECK(parse_openings(R"({"openings":[{"index":1,"unknown":true}]})"));
  CHECK(parse_openings(R"({"openings":[{"index":1,"closed":true}]})"));
  CHECK_FALSE(parse_openings(R"({"openings":[{"index":1,"unknown":true,"closed":true}]})"));
  CHECK_FALSE(parse_openings(R"({"openings":[{"index":1}]})"));
}

TEST_CASE("heads come back as they were sent") {
  Heads heads;
  heads.account = crypto::random_id<seal::AccountId>();
  heads.sequence = 7;
  heads.keyring = 2;
  heads.keyrings = {1, 2};
  heads.devices.push_back({.device = crypto::random_id<seal::DeviceId>(),
                           .device_key = Bytes(32, 1),
                           .one_time_key = Bytes(32, 2)});
  heads.commits.push_back({.device = crypto::random_id<seal::DeviceId>(),
                           .sequence = 3,
                           .hash = crypto::random_id<seal::CommitHash>(),
                           .snapshot_commit = {}});
  heads.grants.push_back({.commitment = crypto::random_id<consent::GrantId>(),
                          .category = 255,
                          .purpose = 1,
                          .state = "given",
                          .index = 9});
  heads.checkpoint = "note";
  const auto parsed = parse_heads(to_text(heads));
  REQUIRE(parsed);
  CHECK(to_text(*parsed) == to_text(heads));
  CHECK(parsed->commits.front().snapshot_commit.empty());
}

TEST_CASE("a policy is what its hash says, and its log key is named as the log") {
  const Policy policy = small_policy();
  const std::string text = to_text(policy);
  const auto parsed = parse_policy(text);
  REQUIRE(parsed);
  CHECK(to_text(*parsed) == text);
  CHECK(hash_of_policy(text) != hash_of_policy(text + " "));

  Policy other = policy;
  other.origin = "amanat.example/other";
  CHECK_FALSE(parse_policy(to_text(other)));
  Policy quorum = policy;
  quorum.quorum = 1;
  CHECK_FALSE(parse_policy(to_text(quorum)));
}

TEST_CASE("an address without its pin is refused with what to do") {
  const std::string pin = "#sha256=" + std::string(64, 'a');
  const auto address = parse_enrol_address("https://host:8443/" + pin);
  REQUIRE(address);
  CHECK(address->url == "https://host:8443");
  CHECK(to_text(*address) == "https://host:8443" + pin);
  for (const std::string& text :
       {std::string("https://host:8443"), "http://host" + pin, "https://" + pin,
        "https://host" + pin.substr(0, pin.size() - 1), "https://host" + pin + "0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_enrol_address(text));
  }
}
