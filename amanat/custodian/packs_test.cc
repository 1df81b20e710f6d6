#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/test_phone.h"
#include "amanat/seal/pack.h"

namespace amanat::custodian {
namespace {

using consent::Category;
using consent::DecisionKind;

/// A body whose sender goes away.
class BrokenBody final : public api::RequestBody {
 public:
  Result<std::optional<ByteView>> next() override {
    return fail(Code::unavailable, "the client went away");
  }
};

/// A whole body, before which something else happens.
class Interrupted final : public api::RequestBody {
 public:
  Interrupted(const Bytes& whole, std::function<void()> meanwhile)
      : bytes_(whole), meanwhile_(std::move(meanwhile)) {}
  Result<std::optional<ByteView>> next() override {
    if (meanwhile_) std::exchange(meanwhile_, {})();
    return bytes_.next();
  }

 private:
  api::BytesBody bytes_;
  std::function<void()> meanwhile_;
};

struct Consented {
  TestCustodian world;
  TestPhone phone{world};
  TestGrant photos;
  explicit Consented(Settings settings = {}) : world(std::move(settings)) {
    REQUIRE(phone.open_account().status == 201);
    REQUIRE(phone.put_keyring().status == 201);
    photos = phone.give(Category::photos);
  }
  api::ClientRequest sign_put(const TestPack& pack) {
    api::ClientRequest put;
    put.method = api::Method::put;
    put.path = path(pack);
    put.headers.set("amanat-object", to_base64(pack.event));
    put.headers.set("if-none-match", "*");
    put.body = pack.bytes;
    api::sign_request(put, "custodian.test", phone.device_signer, world.clock().now());
    return put;
  }
  /// Sends it with another body than its own; the status.
  int put(const api::ClientRequest& signed_put, api::RequestBody& body) {
    api::Request request{.method = signed_put.method,
                         .authority = "custodian.test",
                         .path = signed_put.path,
                         .query = {},
                         .headers = signed_put.headers,
                         .content_length = std::get<Bytes>(signed_put.body).size(),
                         .body = &body};
    return world.custodian().handler().handle(request).status;
  }
  std::string path(const TestPack& pack) const { return "/v1/packs/" + pack.object.pack.hex(); }
};

}  // namespace

TEST_CASE("a pack comes back bit for bit, and sending it again changes nothing") {
  Consented c;
  const TestPack pack = c.phone.store({&c.photos}, 3);
  CHECK(c.phone.put_pack(pack).status == 200);
  CHECK(c.phone.get(c.path(pack)).body == pack.bytes);
  const auto inventory = api::parse_inventory(c.phone.get("/v1/inventory").text());
  REQUIRE(inventory->packs.size() == 1);
  CHECK(inventory->packs.front().state == "stored");
  CHECK(inventory->packs.front().frames == 3);
}

TEST_CASE("a pack without a consent that covers it is refused before its body is read") {
  Consented c;
  TestPhone& phone = c.phone;
  SUBCASE("withdrawn") {
    const TestPack pack = phone.make_pack({&c.photos});
    phone.withdraw(c.photos);
    CHECK(phone.put_pack(pack).code() == "denied");
  }
  SUBCASE("expired") {
    c.world.clock().advance(std::chrono::days(301));
    CHECK(phone.put_pack(phone.make_pack({&c.photos})).code() == "invalid_input");
  }
  SUBCASE("never given") {
    TestGrant unknown{.id = crypto::random_id<consent::GrantId>(),
                      .category = Category::photos,
                      .consent_seed = crypto::Signer::random().seed().duplicate(),
                      .event = {}};
    CHECK(phone.put_pack(phone.make_pack({&unknown})).code() == "not_found");
  }
  SUBCASE("given for another category") {
    TestGrant bent{.id = c.photos.id,
                   .category = Category::messages,
                   .consent_seed = c.photos.consent_seed.duplicate(),
                   .event = {}};
    CHECK(phone.put_pack(phone.make_pack({&bent})).code() == "invalid_input");
  }
  SUBCASE("given by somebody else") {
    TestPhone other(c.world);
    REQUIRE(other.open_account().status == 201);
    CHECK(other.put_pack(other.make_pack({&c.photos})).code() == "not_found");
  }
  SUBCASE("one of two withdrawn") {
    const TestGrant location = phone.give(Category::location);
    const TestPack pack = phone.make_pack({&c.photos, &location});
    phone.withdraw(location);
    CHECK(phone.put_pack(pack).code() == "denied");
  }
  SUBCASE("sealed before it was given") {
    TestPack pack = phone.make_pack({&c.photos});
    pack.object.sealed_minute -= 10;
    pack.event = phone.make_object_event(pack.object, c.photos);
    CHECK(phone.put_pack(pack).code() == "invalid_input");
  }
  SUBCASE("signed by another key") {
    TestPack pack = phone.make_pack({&c.photos});
    const TestGrant stranger{.id = c.photos.id,
                             .category = Category::photos,
                             .consent_seed = crypto::Signer::random().seed().duplicate(),
                             .event = {}};
    pack.event = phone.make_object_event(pack.object, stranger);
    CHECK(phone.put_pack(pack).code() == "forged");
  }
  CHECK(api::parse_inventory(phone.get("/v1/inventory").text())->packs.empty());
}

TEST_CASE("bytes that are not the announced pack are refused and leave nothing") {
  Consented c;
  TestPhone& phone = c.phone;
  TestPack pack = phone.make_pack({&c.photos});
  SUBCASE("a bent byte") {
    pack.bytes[1000] ^= 1U;
    CHECK(phone.put_pack(pack).code() == "forged");
  }
  SUBCASE("a frame too few") {
    pack.bytes.resize(pack.bytes.size() - seal::kFrameBytes);
    CHECK(phone.put_pack(pack).code() == "invalid_input");
  }
  SUBCASE("a header that says another compartment") {
    pack.object.compartment = crypto::random_id<seal::CompartmentId>();
    pack.event = phone.make_object_event(pack.object, c.photos);
    CHECK(phone.put_pack(pack).code() == "invalid_input");
  }
  SUBCASE("a header of another generation") {
    pack.object.generation = 2;
    pack.event = phone.make_object_event(pack.object, c.photos);
    CHECK(phone.put_pack(pack).code() == "invalid_input");
  }
  SUBCASE("a header of no kind") {
    pack.bytes[seal::kFrameBytes] ^= 1U;
    pack.object.pack = seal::pack_id_of(pack.bytes);
    pack.event = phone.make_object_event(pack.object, c.photos);
    CHECK(phone.put_pack(pack).code() == "invalid_input");
  }
  CHECK(phone.get(c.path(pack)).status == 404);
  CHECK(!std::filesystem::exists(c.world.file_of(phone.account, pack.object.pack)));
}

TEST_CASE("a pack under another event than before is a conflict") {
  Consented c;
  TestPack pack = c.phone.store({&c.photos});
  pack.event = c.phone.make_object_event(pack.object, c.photos);
  CHECK(c.phone.put_pack(pack).code() == "conflict");
}

TEST_CASE("while a pack is being stored a second PUT of it changes nothing") {
  Consented c;
  const TestPack pack = c.phone.make_pack({&c.photos});
  int second = 0;
  Interrupted body(pack.bytes, [&] {
    BrokenBody broken;
    second = c.put(c.sign_put(pack), broken);
  });
  CHECK(c.put(c.sign_put(pack), body) == 201);
  CHECK(second == 503);
  BrokenBody broken;
  CHECK(c.put(c.sign_put(pack), broken) == 200);  // it is here: no body is read
  CHECK(c.phone.get(c.path(pack)).body == pack.bytes);
}

TEST_CASE("of two PUTs at once one may break off, and what was answered with 201 stays") {
  Consented c;
  for (int round = 0; round < 20; ++round) {
    const TestPack pack = c.phone.make_pack({&c.photos});
    const auto whole = c.sign_put(pack);
    const auto cut = c.sign_put(pack);
    std::thread breaking([&] {
      BrokenBody body;
      c.put(cut, body);
    });
    api::BytesBody body(pack.bytes);
    const int status = c.put(whole, body);
    breaking.join();
    if (status == 201) CHECK(c.phone.get(c.path(pack)).body == pack.bytes);
  }
}

TEST_CASE("another account's pack is as if it did not exist, on every path") {
  Consented c;
  const TestPack pack = c.phone.store({&c.photos});
  TestPhone other(c.world);
  REQUIRE(other.open_account().status == 201);
  REQUIRE(other.put_keyring().status == 201);
  CHECK(other.get(c.path(pack)).code() == "not_found");
  api::ClientRequest head;
  head.method = api::Method::head;
  head.path = c.path(pack);
  CHECK(other.send(head, other.device_signer).status == 404);
  CHECK(c.phone.send(head, c.phone.device_signer).status == 200);
  CHECK(other.commit({pack}).code() == "not_found");
  const api::OwnLeaves leaves{.leaves = {{pack.object.pack, 0}}};
  CHECK(other.post("/v1/challenges", api::to_text(leaves)).code() == "not_found");
  CHECK(api::parse_inventory(other.get("/v1/inventory").text())->packs.empty());
  CHECK(other.get("/v1/keyrings/2").code() == "not_found");

  // Whoever has its bytes may store them as their own, and neither hinders the other.
  const TestGrant own = other.give(Category::photos);
  TestPack copy{.object = pack.object, .bytes = pack.bytes, .event = {}};
  copy.object.grants = {{Category::photos, own.id}};
  copy.event = other.make_object_event(copy.object, own);
  CHECK(other.put_pack(copy).status == 201);
  CHECK(c.phone.get(c.path(pack)).body == pack.bytes);
}

TEST_CASE("an account has its quota and no more") {
  Settings settings;
  settings.quota_bytes = 2 * seal::pack_size_of(1) + 10;
  Consented c(std::move(settings));
  c.phone.store({&c.photos});
  c.phone.store({&c.photos});
  CHECK(c.phone.put_pack(c.phone.make_pack({&c.photos})).code() == "denied");
}

TEST_CASE("bytes whose record was lost in a crash are stored again, or swept away") {
  Consented c;
  const TestPack pack = c.phone.make_pack({&c.photos});
  const auto file = c.world.file_of(c.phone.account, pack.object.pack);
  c.world.stop();
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << as_text(pack.bytes);
  std::filesystem::last_write_time(
      file, std::chrono::file_clock::from_sys(c.world.clock().now() - std::chrono::hours(1)));
  c.world.restart();
  SUBCASE("stored again") {
    CHECK(c.phone.put_pack(pack).status == 201);
    CHECK(c.phone.get(c.path(pack)).body == pack.bytes);
  }
  SUBCASE("swept away") {
    CHECK(c.world.custodian().sweep().orphans == 0);  // records may have been moved: wait
    CHECK(std::filesystem::exists(file));
    c.world.clock().advance(kOrphanKept + std::chrono::hours(1));
    CHECK(c.world.custodian().sweep().orphans == 1);
    CHECK(!std::filesystem::exists(file));
  }
}

TEST_CASE("lost bytes are admitted, found by check, and repaired by whoever still has them") {
  Consented c;
  const TestPack pack = c.phone.store({&c.photos});
  const auto file = c.world.file_of(c.phone.account, pack.object.pack);
  REQUIRE(std::filesystem::remove(file));
  CHECK(c.phone.get(c.path(pack)).code() == "corrupt");
  CHECK(check_store(c.world.custodian())->problems.size() == 1);
  CHECK(c.phone.put_pack(pack).status == 201);
  CHECK(c.phone.get(c.path(pack)).body == pack.bytes);
  CHECK(check_store(c.world.custodian())->problems.empty());
}

TEST_CASE("check finds a byte that has changed on the disk") {
  Consented c;
  const TestPack pack = c.phone.store({&c.photos});
  {
    std::fstream file(c.world.file_of(c.phone.account, pack.object.pack),
                      std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(5000);
    file.put(static_cast<char>(pack.bytes[5000] ^ 1U));
  }
  const auto report = check_store(c.world.custodian());
  REQUIRE(report.has_value());
  CHECK(report->problems.size() == 1);
}

TEST_CASE("a device is answered with the leaf it asks for and a path to the pack's id") {
  Consented c;
  const TestPack pack = c.phone.store({&c.photos}, 5);
  api::OwnLeaves request;
  for (const std::uint64_t leaf : {0U, 15U, 16U, 47U, 79U, 80U}) {
    request.leaves.push_back({pack.object.pack, leaf});
  }
  const Reply reply = c.phone.post("/v1/challenges", api::to_text(request));
  REQUIRE_MESSAGE(reply.status == 200, reply.text());
  const auto answers = api::parse_leaf_answers(reply.text());
  REQUIRE(answers->answers.size() == request.leaves.size());
  const merkle::Root root{.leaves = 81, .hash = *merkle::Hash::from(pack.object.pack.bytes())};
  for (std::size_t i = 0; i < request.leaves.size(); ++i) {
    const auto& answer = answers->answers[i];
    CAPTURE(request.leaves[i].leaf);
    CHECK(merkle::verify_inclusion(merkle::hash_leaf(answer.leaf), request.leaves[i].leaf,
                                   answer.path, root)
              .has_value());
  }
  request.leaves = {{pack.object.pack, 81}};
  CHECK(c.phone.post("/v1/challenges", api::to_text(request)).code() == "invalid_input");
  std::filesystem::remove(c.world.file_of(c.phone.account, pack.object.pack));
  request.leaves = {{pack.object.pack, 0}};
  const auto missing =
      api::parse_leaf_answers(c.phone.post("/v1/challenges", api::to_text(request)).text());
  CHECK(missing->answers.front().missing);
}

TEST_CASE("the inventory comes in pages") {
  Consented c;
  for (int i = 0; i < 3; ++i) c.phone.store({&c.photos});
  const auto first = api::parse_inventory(c.phone.get("/v1/inventory", "limit=2").text());
  REQUIRE(first->packs.size() == 2);
  REQUIRE(first->next.has_value());
  const std::string after = "after=" + first->next->hex() + "&limit=2";
  const auto second = api::parse_inventory(c.phone.get("/v1/inventory", after).text());
  CHECK(second->packs.size() == 1);
  CHECK(!second->next);
  CHECK(c.phone.get("/v1/inventory", "limit=0").code() == "invalid_input");
  CHECK(c.phone.get("/v1/inventory", "limit=5000").code() == "invalid_input");
}

}  // namespace amanat::custodian
