#include "amanat/custodian/folder.h"

#include <fstream>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "amanat/api/client.h"
#include "amanat/custodian/test_phone.h"

namespace amanat::custodian {
namespace {

Result<std::unique_ptr<Custodian>> open_again(TestCustodian& world, Settings settings = {}) {
  settings.folder = world.folder();
  return Custodian::open(std::move(settings), world.clock());
}

void remove_records(const TestCustodian& world) {
  for (const auto* name : {"custodian.db", "custodian.db-wal", "custodian.db-shm"}) {
    std::filesystem::remove(world.folder() / name);
  }
}

}  // namespace

TEST_CASE("one process at a time has a data folder") {
  TestCustodian world;
  CHECK(open_again(world).error().code == Code::unavailable);
  world.stop();
  CHECK(open_again(world).has_value());
}

TEST_CASE("keys are readable by their owner alone") {
  const TestCustodian world;
  for (const auto* name : {"log.seed", "answer.seed", "ca.key"}) {
    struct stat status{};
    REQUIRE(::stat((world.folder() / "keys" / name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
  }
}

TEST_CASE("what was fixed at the first start cannot be told otherwise") {
  TestCustodian world;
  const auto policy = world.custodian().policy_hash();
  world.stop();
  Settings settings;
  SUBCASE("origin") { settings.origin = "elsewhere.test/log"; }
  SUBCASE("region") { settings.region = tlog::Region::ap_south_1; }
  CHECK(open_again(world, settings).error().code == Code::invalid_input);
  CHECK((*open_again(world))->policy_hash() == policy);
}

TEST_CASE("a folder with a missing or foreign key is not opened") {
  TestCustodian world;
  world.stop();
  const auto seed = world.folder() / "keys" / "log.seed";
  SUBCASE("missing") { std::filesystem::remove(seed); }
  SUBCASE("foreign") { std::ofstream(seed) << std::string(32, 'x'); }
  SUBCASE("no policy") { std::filesystem::remove(world.folder() / "policy.json"); }
  CHECK(open_again(world).error().code == Code::corrupt);
}

TEST_CASE("a custodian whose records are missing is not founded anew over its packs") {
  TestCustodian world;
  TestPhone phone(world);
  REQUIRE(phone.open_account().status == 201);
  REQUIRE(phone.put_keyring().status == 201);
  const TestGrant photos = phone.give(consent::Category::photos);
  const TestPack pack = phone.store({&photos});
  world.stop();
  remove_records(world);
  SUBCASE("moved away") {
    CHECK(open_again(world).error().code == Code::corrupt);
    CHECK(!std::filesystem::exists(world.folder() / "custodian.db"));
  }
  SUBCASE("empty") {
    {
      const std::ofstream empty(world.folder() / "custodian.db");
    }
    CHECK(open_again(world).error().code == Code::corrupt);
    CHECK(open_again(world).error().code == Code::corrupt);
  }
  SUBCASE("with the policy") {
    std::filesystem::remove(world.folder() / "policy.json");
    CHECK(open_again(world).error().code == Code::corrupt);
    CHECK(!std::filesystem::exists(world.folder() / "policy.json"));
  }
  CHECK(std::filesystem::exists(world.file_of(phone.account, pack.object.pack)));
}

TEST_CASE("a custodian that has given out its address is not founded anew") {
  TestCustodian world;
  world.stop();
  remove_records(world);
  CHECK(open_again(world).has_value());  // a first start that broke off
  remove_records(world);
  std::ofstream(world.folder() / "address") << "https://custodian.test";
  CHECK(open_again(world).error().code == Code::corrupt);
}

TEST_CASE("notices are not published at a time before the log's last entry") {
  TestCustodian world;
  TestPhone phone(world);
  world.clock().advance(std::chrono::hours(1));
  REQUIRE(phone.open_account().status == 201);
  world.stop();
  world.clock().advance(-std::chrono::minutes(30));
  CHECK(open_again(world).has_value());  // nothing to log: nothing to fear
  Settings settings;
  settings.maker = "Another Phone Company";
  CHECK(open_again(world, settings).error().code == Code::corrupt);
  world.clock().advance(std::chrono::minutes(30));
  CHECK(open_again(world, settings).has_value());
}

TEST_CASE("whoever only looks founds nothing and publishes nothing") {
  TestCustodian world;
  world.stop();
  Settings settings;
  settings.only_look = true;
  settings.maker = "Another Phone Company";
  {
    auto opened = open_again(world, settings);
    REQUIRE(opened.has_value());
    const auto before = check_store(**opened);
    opened->reset();
    opened = open_again(world);
    CHECK(check_store(**opened)->entries == before->entries);
  }
  settings.folder = world.folder() / "nowhere";
  CHECK(Custodian::open(settings, world.clock()).error().code == Code::not_found);
  CHECK(!std::filesystem::exists(settings.folder));
}

TEST_CASE("a new maker's notices are published beside the old, which stay valid") {
  TestCustodian world;
  TestPhone phone(world);
  REQUIRE(phone.open_account().status == 201);
  world.stop();
  Settings settings;
  settings.maker = "Another Phone Company";
  auto opened = open_again(world, settings);
  REQUIRE(opened.has_value());
  api::ClientRequest request;
  request.path = "/v1/notices";
  const auto notices = api::parse_notices(ask((*opened)->handler(), request).text());
  for (const auto& notice : notices->notices) CHECK(notice.sha256 != phone.notice);
  request.path = "/v1/notices/" + phone.notice.hex();
  CHECK(ask((*opened)->handler(), request).status == 200);
  opened->reset();
  world.restart();  // without naming the maker again
  request.path = "/v1/notices";
  const auto later = api::parse_notices(ask(world.custodian().handler(), request).text());
  CHECK(later->notices.front().sha256 == notices->notices.front().sha256);
}

TEST_CASE("served over TLS, a stranger finds the policy that the address pins") {
  TestCustodian world;
  auto serving = serve(world.custodian(), {});
  REQUIRE(serving.has_value());
  const auto& address = (*serving)->address();
  CHECK(read_address(world.folder()).value() == api::to_text(address));

  api::ClientOptions options;
  options.base_url = address.url;
  auto stranger = api::Client::open(options);
  REQUIRE(stranger.has_value());
  api::ClientRequest request;
  request.path = "/v1/policy";
  const auto policy = (*stranger)->ask(request);
  REQUIRE(policy.has_value());
  CHECK(api::hash_of_policy(as_text(policy->body)) == address.policy);

  const auto pinned = api::parse_policy(as_text(policy->body));
  REQUIRE(pinned.has_value());
  options.authority_pem = pinned->certificate_authority;
  auto client = api::Client::open(options);
  REQUIRE(client.has_value());
  request.path = "/healthz";
  const auto health = (*client)->ask(request);
  REQUIRE(health.has_value());
  CHECK(health->tls.chain_verified);
}

}  // namespace amanat::custodian
