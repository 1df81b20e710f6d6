#include "amanat/custodian/service.h"

#include <doctest/doctest.h>

#include "amanat/consent/notice.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/test_phone.h"
#include "amanat/seal/device.h"
#include "amanat/tlog/tile.h"

namespace amanat::custodian {
namespace {

api::ClientRequest request_of(api::Method method, std::string_view path,
                              std::string_view body = "") {
  api::ClientRequest request;
  request.method = method;
  request.path = path;
  request.body = Bytes(body.begin(), body.end());
  return request;
}

/// Signs like a device, then lets the test bend the request.
Reply send_bent(TestPhone& phone, api::ClientRequest request,
                const std::function<void(api::ClientRequest&)>& bend) {
  api::sign_request(request, "custodian.test", phone.device_signer, phone.world.clock().now());
  bend(request);
  return ask(phone.world.custodian().handler(), request);
}

}  // namespace

TEST_CASE("a path has one spelling") {
  struct Case {
    std::string_view pattern, path;
    std::optional<std::string_view> parameter;
  };
  const auto cases = std::to_array<Case>({
      {"/v1/heads", "/v1/heads", ""},
      {"/v1/heads", "/v1/heads/", {}},
      {"/v1/heads", "/v1/head", {}},
      {"/v1/packs/{}", "/v1/packs/ab", "ab"},
      {"/v1/packs/{}", "/v1/packs/", {}},
      {"/v1/packs/{}", "/v1/packs/ab/cd", {}},
      {"/log/{*}", "/log/tile/0/000", "tile/0/000"},
      {"/log/{*}", "/log/", {}},
  });
  for (const Case& c : cases) {
    CAPTURE(c.path);
    CHECK(match_path(c.pattern, c.path) == c.parameter);
  }
}

TEST_CASE("what anyone may read needs no key") {
  TestCustodian world;
  TestPhone phone(world);
  const auto read = [&](std::string_view path) {
    return phone.send_unsigned(request_of(api::Method::get, path));
  };
  CHECK(read("/healthz").text() == R"({"status":"ok"})");

  const Reply policy = read("/v1/policy");
  CHECK(api::hash_of_policy(policy.text()) == world.custodian().policy_hash());

  const Reply notice = read("/v1/notices/" + phone.notice.hex());
  CHECK(consent::notice_id(notice.text()) == phone.notice);
  CHECK(read("/v1/notices/" + std::string(64, '0')).status == 404);
  CHECK(read("/v1/notices/nonsense").status == 400);

  const Reply checkpoint = read("/log/checkpoint");
  const auto opened = note::open_checkpoint(checkpoint.text(), world.custodian().policy().log_key);
  REQUIRE(opened.has_value());
  CHECK(opened->root().leaves >= 3);  // log_config, residency, notices
  CHECK(read("/log/tile/entries/000.p/1").status == 200);
  CHECK(read("/log/tile/entries/999").status == 404);
  CHECK(read("/log/nothing").status == 400);
}

TEST_CASE("the region is stated under the answer key even to a stranger") {
  TestCustodian world;
  TestPhone phone(world);
  const auto request = request_of(api::Method::get, "/v1/region");
  const Reply reply = phone.send_unsigned(request);
  const auto held = api::verify_response(reply.status, reply.headers, reply.body, request.headers,
                                         world.custodian().policy().answer_key);
  CHECK(held.has_value());
  const auto region = api::parse_region(reply.text());
  REQUIRE(region.has_value());
  CHECK(region->region == "none");
  CHECK(region->store == "folder");
}

TEST_CASE("the first entries of a log say what it is, where it lies, and which notices hold") {
  TestCustodian world;
  TestPhone phone(world);
  const Reply bundle =
      phone.send_unsigned(request_of(api::Method::get, "/log/tile/entries/000.p/3"));
  const auto entries = tlog::parse_bundle(bundle.body, 3);
  REQUIRE(entries.has_value());
  const auto type_at = [&](std::size_t index) {
    return tlog::type_of(*tlog::parse_entry((*entries)[index]));
  };
  CHECK(type_at(0) == tlog::EventType::log_config);
  CHECK(type_at(1) == tlog::EventType::residency_assertion);
  CHECK(type_at(2) == tlog::EventType::purpose_notice);
}

TEST_CASE("paths and methods that do not exist are refused") {
  TestCustodian world;
  TestPhone phone(world);
  CHECK(phone.get("/v1/nothing").status == 404);
  CHECK(phone.post("/v1/heads", "{}").status == 405);
  phone.open_account();
  CHECK(phone.get("/v1/keyrings/1", "surprise=1").code() == "invalid_input");
  CHECK(phone.get("/v1/heads", "generation=65536").code() == "invalid_input");
}

TEST_CASE("a request without a valid signature of a known key is refused, and the refusal signed") {
  TestCustodian world;
  TestPhone phone(world);
  CHECK(phone.get("/v1/heads").code() == "forged");  // nobody has this key yet
  phone.open_account();
  CHECK(phone.get("/v1/heads").status == 200);
  const auto heads = [] { return request_of(api::Method::get, "/v1/heads"); };
  CHECK(phone.send_unsigned(heads()).code() == "forged");

  SUBCASE("another path than was signed") {
    const Reply reply =
        send_bent(phone, heads(), [](auto& request) { request.path = "/v1/inventory"; });
    CHECK(reply.code() == "forged");
  }
  SUBCASE("the same request twice") {
    api::ClientRequest request = heads();
    api::sign_request(request, "custodian.test", phone.device_signer, world.clock().now());
    CHECK(ask(world.custodian().handler(), request).status == 200);
    CHECK(ask(world.custodian().handler(), request).code() == "forged");
  }
  SUBCASE("a signature of ten minutes ago") {
    const Reply reply =
        send_bent(phone, heads(), [&](auto&) { world.clock().advance(std::chrono::minutes(10)); });
    CHECK(reply.code() == "forged");
  }
  SUBCASE("another body than was signed") {
    const Reply reply = send_bent(phone, request_of(api::Method::post, "/v1/events", "{}"),
                                  [](auto& request) { request.body = Bytes{'[', ']'}; });
    CHECK(reply.code() == "forged");
  }
  SUBCASE("a request for another server") {
    api::ClientRequest request = heads();
    api::sign_request(request, "elsewhere.test", phone.device_signer, world.clock().now());
    CHECK(ask(world.custodian().handler(), request).code() == "forged");
  }
}

TEST_CASE("each kind of key may do what it is for and nothing else") {
  TestCustodian world;
  TestPhone phone(world);
  phone.open_account();
  const auto auditor = crypto::Signer::random();
  REQUIRE(world.custodian().add_auditor(auditor.public_key()).has_value());
  const auto as = [&](const crypto::Signer& signer, api::Method method, std::string_view path,
                      std::string_view body = "") {
    return phone.send(request_of(method, path, body), signer);
  };

  CHECK(as(phone.device_signer, api::Method::post, "/v1/openings", "{}").code() == "denied");
  CHECK(as(phone.device_signer, api::Method::post, "/v1/devices", "{}").code() == "denied");
  CHECK(as(phone.phrase_signer, api::Method::get, "/v1/heads").status == 200);
  CHECK(as(phone.phrase_signer, api::Method::post, "/v1/events", "{}").code() == "denied");
  CHECK(as(phone.phrase_signer, api::Method::get, "/v1/inventory").code() == "denied");
  CHECK(as(auditor, api::Method::get, "/v1/heads").code() == "denied");
  CHECK(as(auditor, api::Method::get, "/v1/inventory").code() == "denied");
  CHECK(as(auditor, api::Method::post, "/v1/events", "{}").code() == "denied");
  CHECK(as(auditor, api::Method::post, "/v1/openings", R"({"indices":[0]})").status == 200);
}

TEST_CASE("a stranger may send no long body") {
  TestCustodian world;
  const auto* service = dynamic_cast<Service*>(&world.custodian().handler());
  REQUIRE(service != nullptr);
  CHECK(service->body_size_max(api::Method::post, "/v1/accounts") == 65'536);
  CHECK(service->body_size_max(api::Method::post, "/v1/commits") == api::kControlBytesMax);
}

TEST_CASE("an account is opened once, with the token the maker gave out") {
  Settings settings;
  settings.token = "open sesame";
  TestCustodian world(std::move(settings));
  TestPhone phone(world);
  CHECK(phone.open_account().code() == "denied");

  const Bytes statement = phone.device_statement();
  api::OpenAccount request{.account = phone.account,
                           .device = statement,
                           .event = phone.make_device_event(statement),
                           .token = "open sesame"};
  const Reply opened = phone.post("/v1/accounts", api::to_text(request));
  REQUIRE(opened.status == 201);
  const auto first = api::parse_receipts(opened.text());
  const auto again = api::parse_receipts(phone.post("/v1/accounts", api::to_text(request)).text());
  REQUIRE(again.has_value());
  CHECK(again->receipts.front().index == first->receipts.front().index);

  request.event = phone.make_device_event(statement);
  CHECK(phone.post("/v1/accounts", api::to_text(request)).code() == "conflict");
  request.account = crypto::random_id<seal::AccountId>();
  CHECK(phone.post("/v1/accounts", api::to_text(request)).code() == "invalid_input");
}

TEST_CASE("a device joins by the words of the account, and by no others") {
  TestCustodian world;
  TestPhone phone(world);
  phone.open_account();
  TestPhone second(world);
  second.account = phone.account;
  const auto add = [&](const crypto::Signer& words) {
    const Bytes statement = seal::sign_device({.account = phone.account,
                                               .device_key = second.device_signer.public_key(),
                                               .one_time_key = second.one_time_key,
                                               .phrase_key = words.public_key(),
                                               .made_at = world.clock().now()},
                                              second.device_signer, words);
    const api::AddDevice body{.device = statement, .event = second.make_device_event(statement)};
    return phone.send(request_of(api::Method::post, "/v1/devices", api::to_text(body)),
                      phone.phrase_signer);
  };
  CHECK(add(crypto::Signer::random()).code() == "forged");
  CHECK(second.get("/v1/heads").code() == "forged");
  CHECK(add(phone.phrase_signer).status == 201);
  CHECK(add(phone.phrase_signer).code() == "conflict");  // another event for the same device
  const auto heads = api::parse_heads(second.get("/v1/heads").text());
  REQUIRE(heads.has_value());
  CHECK(heads->devices.size() == 2);
}

}  // namespace amanat::custodian
