#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/custodian/schema.h"
#include "amanat/custodian/settings.h"
#include "amanat/custodian/test_phone.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/device.h"

namespace amanat::custodian {
namespace {

using consent::Category;

constexpr auto kDevice = seal::KeyringSignerKind::device;
constexpr auto kPhrase = seal::KeyringSignerKind::phrase_key;

struct Vault {
  TestCustodian world;
  TestPhone phone{world};
  TestGrant photos;
  Vault() {
    REQUIRE(phone.open_account().status == 201);
    REQUIRE(phone.put_keyring().status == 201);
    photos = phone.give(Category::photos);
  }
  Reply post(const api::PostCommit& commit) {
    return phone.post("/v1/commits", api::to_text(commit));
  }
  Reply put(const api::PutKeyring& keyring) {
    return phone.put_json("/v1/keyrings/" + std::to_string(phone.keyring + 1),
                          api::to_text(keyring));
  }
  /// A commit of the phone's, changed and signed again, with a head that fits it.
  api::PostCommit bend(const api::PostCommit& commit,
                       const std::function<void(seal::Commit&)>& change) {
    auto body = seal::Statement<seal::Commit>::parse(commit.commit)->body_unverified();
    change(body);
    const Bytes statement = seal::sign(body, phone.device_signer);
    return {
        .commit = statement,
        .sequence = commit.sequence,
        .head = phone.make_head(phone.keyring, phone.keyring_hash, seal::hash_commit(statement))};
  }
  /// The same keyring under these signatures.
  Reply put_signed(api::PutKeyring keyring, std::initializer_list<seal::KeyringSigner> signers) {
    const auto statement = seal::KeyringStatement::parse(keyring.statement);
    keyring.statement = seal::sign_keyring(statement->terms_unverified(),
                                           std::span(signers.begin(), signers.size()));
    return put(keyring);
  }
  /// The same by the phone's own keys; what was taken is the phone's newest.
  Reply put_by(const api::PutKeyring& keyring, std::initializer_list<seal::KeyringSignerKind> kinds,
               bool taken = true) {
    std::vector<seal::KeyringSigner> signers;
    for (const auto kind : kinds) {
      signers.push_back({kind, kind == kDevice ? phone.device_signer : phone.phrase_signer});
    }
    auto put_keyring = keyring;
    const auto statement = seal::KeyringStatement::parse(keyring.statement);
    put_keyring.statement = seal::sign_keyring(statement->terms_unverified(), signers);
    Reply reply = put(put_keyring);
    CHECK((reply.status == 201) == taken);
    if (reply.status == 201) phone.took_keyring(put_keyring);
    return reply;
  }
  /// Adds a device to the phone's account by these words.
  Reply add_device(TestPhone& added, const crypto::Signer& words) {
    added.account = phone.account;
    const Bytes statement = seal::sign_device({.account = phone.account,
                                               .device_key = added.device_signer.public_key(),
                                               .one_time_key = added.one_time_key,
                                               .phrase_key = words.public_key(),
                                               .made_at = world.clock().now()},
                                              added.device_signer, words);
    api::ClientRequest add;
    add.method = api::Method::post;
    add.path = "/v1/devices";
    const std::string json = api::to_text(
        api::AddDevice{.device = statement, .event = added.make_device_event(statement)});
    add.body = Bytes(json.begin(), json.end());
    return phone.send(add, words);
  }
  std::uint64_t log_size() {
    const auto heads = api::parse_heads(phone.get("/v1/heads").text());
    return note::open_checkpoint(heads->checkpoint, world.custodian().policy().log_key)
        ->root()
        .leaves;
  }
};

}  // namespace

TEST_CASE("a commit sent again gets the same receipts, and another of its number none") {
  Vault vault;
  const TestPack pack = vault.phone.store({&vault.photos});
  const auto commit = vault.phone.make_commit({pack});
  const auto first = api::parse_receipts(vault.post(commit).text());
  const auto again = api::parse_receipts(vault.post(commit).text());
  REQUIRE(first.has_value());
  REQUIRE(again.has_value());
  CHECK(first->receipts.size() == 2);
  CHECK(first->receipts.back().index == again->receipts.back().index);
  CHECK(first->receipts.front().entry == again->receipts.front().entry);

  CHECK(vault.post(vault.bend(commit, [](seal::Commit& c) { c.snapshot.push_back(1); })).code()
        == "conflict");
  const api::PostCommit other_head{.commit = commit.commit,
                                   .sequence = commit.sequence,
                                   .head = vault.phone.make_head(1, vault.phone.keyring_hash, {})};
  CHECK(vault.post(other_head).code() == "conflict");
}

TEST_CASE("a commit that does not fit the vault is refused, and nothing of it is logged") {
  Vault vault;
  const TestPack pack = vault.phone.store({&vault.photos});
  const auto commit = vault.phone.make_commit({pack});
  const std::uint64_t before = vault.log_size();
  Reply reply;
  std::string code = "conflict";
  SUBCASE("number too high") {
    reply = vault.post(vault.bend(commit, [](seal::Commit& c) {
      c.sequence = 2;
      c.previous = crypto::random_id<seal::CommitHash>();
    }));
  }
  SUBCASE("step too high") {
    auto bent = commit;
    bent.sequence += 1;
    reply = vault.post(bent);
  }
  SUBCASE("another keyring") {
    reply = vault.post(vault.bend(
        commit, [](seal::Commit& c) { c.keyring = crypto::random_id<seal::KeyringHash>(); }));
  }
  SUBCASE("a head that describes something else") {
    auto bent = commit;
    bent.head =
        vault.phone.make_head(1, vault.phone.keyring_hash, crypto::random_id<seal::CommitHash>());
    reply = vault.post(bent);
  }
  SUBCASE("a pack that is not here") {
    code = "not_found";
    reply = vault.post(vault.bend(commit, [](seal::Commit& c) {
      c.added.push_back({crypto::random_id<seal::PackId>(), 1});
    }));
  }
  SUBCASE("a pack with other frames") {
    code = "not_found";
    reply = vault.post(vault.bend(commit, [](seal::Commit& c) { c.added[0].frames = 2; }));
  }
  SUBCASE("a retired pack that is not here") {
    code = "not_found";
    reply = vault.post(vault.bend(
        commit, [](seal::Commit& c) { c.retired.push_back(crypto::random_id<seal::PackId>()); }));
  }
  SUBCASE("another account") {
    code = "not_found";
    reply = vault.post(vault.bend(
        commit, [](seal::Commit& c) { c.account = crypto::random_id<seal::AccountId>(); }));
  }
  SUBCASE("signed by somebody else") {
    code = "forged";
    auto bent = commit;
    bent.commit.back() ^= 1U;
    reply = vault.post(bent);
  }
  SUBCASE("consent withdrawn between storing and committing") {
    code = "denied";
    REQUIRE(vault.phone.withdraw(vault.photos).status == 200);
    reply = vault.post(commit);
    CHECK(reply.code() == code);
    CHECK(vault.log_size() == before + 1);  // the withdrawal
    return;
  }
  CHECK(reply.code() == code);
  CHECK(vault.log_size() == before);
}

TEST_CASE("a commit whose snapshot would make heads too long for one answer is refused") {
  Vault vault;
  TestPhone& phone = vault.phone;
  REQUIRE(phone.commit({}).status == 200);
  TestPhone second(vault.world);
  REQUIRE(vault.add_device(second, phone.phrase_signer).status == 201);
  second.keyring = phone.keyring;
  second.keyring_hash = phone.keyring_hash;
  second.step = phone.step;
  const auto commit = second.make_commit({});
  {
    auto records =
        store::Database::open(vault.world.folder() / "custodian.db", {.migrations = schema()});
    REQUIRE(records.has_value());
    const std::uint64_t room = kSnapshotCommitsBytesMax - commit.commit.size();
    REQUIRE(records->run("UPDATE commits SET statement = zeroblob(?)", room + 1).has_value());
    CHECK(second.post("/v1/commits", api::to_text(commit)).code() == "invalid_input");
    REQUIRE(records->run("UPDATE commits SET statement = zeroblob(?)", room).has_value());
  }
  // It fits now, and is refused for its head, which leaves out the first device.
  CHECK(second.post("/v1/commits", api::to_text(commit)).code() == "conflict");
  CHECK(phone.get("/v1/heads").status == 200);
}

TEST_CASE("heads tell of every given consent and of the newest that ended") {
  Vault vault;
  TestPhone& phone = vault.phone;
  const TestGrant videos = phone.give(Category::videos);
  REQUIRE(phone.withdraw(videos).status == 200);
  {
    auto records =
        store::Database::open(vault.world.folder() / "custodian.db", {.migrations = schema()});
    REQUIRE(records.has_value());
    for (std::uint64_t i = 0; i < 600; ++i) {
      REQUIRE(records
                  ->run("INSERT INTO grants SELECT randomblob(32), account, category, purpose, "
                        "age_class, state, consent_key, notice, given_at, valid_from, valid_until, "
                        "changed_at, final_at, ? FROM grants WHERE grant_id = ?",
                        10'000 + i, videos.id)
                  .has_value());
    }
  }
  const auto heads = api::parse_heads(phone.get("/v1/heads").text());
  REQUIRE(heads.has_value());
  CHECK(heads->grants.size() == kGrantsToldMax + 1);
  CHECK(heads->grants.front().commitment == vault.photos.id);
  CHECK(heads->grants.back().index == 10'599);
}

TEST_CASE("a retired pack is kept, and lives again when a later commit adds it") {
  Vault vault;
  TestPhone& phone = vault.phone;
  const TestPack pack = phone.store({&vault.photos});
  const auto first = api::parse_receipts(phone.commit({pack}).text());
  const auto retire = vault.bend(phone.make_commit({}),
                                 [&](seal::Commit& c) { c.retired.push_back(pack.object.pack); });
  REQUIRE(vault.post(retire).status == 200);
  phone.took_commit(retire);
  const auto state = [&] {
    return api::parse_inventory(phone.get("/v1/inventory").text())->packs.front().state;
  };
  CHECK(state() == "retired");
  CHECK(phone.get("/v1/packs/" + pack.object.pack.hex()).status == 200);
  const auto again = api::parse_receipts(phone.commit({pack}).text());
  CHECK(state() == "committed");
  CHECK(again->receipts.front().index == first->receipts.front().index);
}

TEST_CASE("a keyring follows the one before, and is kept beside it for 72 hours") {
  Vault vault;
  TestPhone& phone = vault.phone;
  REQUIRE(phone.put_keyring().status == 201);
  CHECK(phone.get("/v1/keyrings/1").status == 200);
  CHECK(phone.get("/v1/keyrings/2").status == 200);
  CHECK(phone.get("/v1/keyrings/3").code() == "not_found");
  vault.world.clock().advance(std::chrono::hours(71));
  REQUIRE(vault.world.custodian().sweep().failures.empty());
  CHECK(phone.get("/v1/keyrings/1").status == 200);
  vault.world.clock().advance(std::chrono::hours(1));
  CHECK(vault.world.custodian().sweep().keyrings == 1);
  CHECK(phone.get("/v1/keyrings/1").code() == "stale");
  const auto heads = api::parse_heads(phone.get("/v1/heads").text());
  CHECK(heads->keyrings == std::vector<std::uint32_t>{2});
}

TEST_CASE("a confirmed keyring destroys all before it at once") {
  Vault vault;
  REQUIRE(vault.phone.put_keyring().status == 201);
  REQUIRE(vault.phone.put_keyring(true).status == 201);
  CHECK(vault.phone.get("/v1/keyrings/1").code() == "stale");
  CHECK(vault.phone.get("/v1/keyrings/2").code() == "stale");
  CHECK(vault.phone.get("/v1/keyrings/3").status == 200);
}

TEST_CASE("a keyring sent again is answered again, and another of its version is not taken") {
  Vault vault;
  const auto keyring = vault.phone.make_keyring(false);
  const auto other = vault.phone.make_keyring(false);
  CHECK(vault.put(keyring).status == 201);
  CHECK(vault.put(keyring).status == 201);
  CHECK(vault.put(other).code() == "conflict");
}

TEST_CASE("a keyring that does not belong is refused") {
  Vault vault;
  TestPhone& phone = vault.phone;
  auto keyring = phone.make_keyring(false);
  SUBCASE("bytes that were not signed for") {
    keyring.keyring.back() ^= 1U;
    CHECK(vault.put(keyring).code() == "invalid_input");
  }
  SUBCASE("a bent signature") {
    keyring.statement.back() ^= 1U;
    CHECK(vault.put(keyring).code() == "forged");
  }
  SUBCASE("under another version's address") {
    CHECK(phone.put_json("/v1/keyrings/3", api::to_text(keyring)).code() == "invalid_input");
    CHECK(phone.put_json("/v1/keyrings/0", api::to_text(keyring)).code() == "invalid_input");
    CHECK(phone.put_json("/v1/keyrings/02", api::to_text(keyring)).code() == "invalid_input");
  }
  SUBCASE("another step") {
    keyring.sequence += 1;
    CHECK(vault.put(keyring).code() == "conflict");
  }
  SUBCASE("wrapped to an old one-time key") {
    phone.one_time_key = crypto::random_id<crypto::BoxPublicKey>();
    CHECK(vault.put(phone.make_keyring(false)).code() == "conflict");
  }
  SUBCASE("another history") {
    phone.keyring_hash = crypto::random_id<seal::KeyringHash>();
    CHECK(vault.put(phone.make_keyring(false)).code() == "conflict");
  }
  SUBCASE("of another account") {
    phone.account = crypto::random_id<seal::AccountId>();
    CHECK(vault.put(phone.make_keyring(false)).code() == "not_found");
  }
}

TEST_CASE("new words that a device alone brought confirm nothing while older ones are kept") {
  Vault vault;
  TestPhone& phone = vault.phone;
  const TestPack photo = phone.store({&vault.photos});
  REQUIRE(phone.commit({photo}).status == 200);
  REQUIRE(phone.withdraw(vault.photos).status == 200);
  const auto old_words = phone.phrase_signer.seed().duplicate();
  phone.phrase_signer = crypto::Signer::random();
  REQUIRE(vault.put_by(phone.make_keyring(false), {kDevice}).status == 201);

  CHECK(vault.put_by(phone.make_keyring(true), {kDevice, kPhrase}, false).code() == "denied");
  CHECK(vault.put_by(phone.make_keyring(true), {kPhrase}, false).code() == "denied");
  CHECK(phone.get("/v1/keyrings/1").status == 200);
  CHECK(vault.world.custodian().sweep().erased == 0);

  SUBCASE("the old words still add a device, which then ends the usurper") {
    const crypto::Signer words(old_words.duplicate());
    TestPhone rescuer(vault.world);
    REQUIRE(vault.add_device(rescuer, words).status == 201);
    rescuer.phrase_signer = crypto::Signer(old_words.duplicate());
    rescuer.keyring = phone.keyring;
    rescuer.keyring_hash = phone.keyring_hash;
    rescuer.step = phone.step;
    auto keyring = rescuer.make_keyring(true);
    keyring.head =
        phone.make_head(3, seal::hash_keyring(keyring.keyring), std::optional(phone.last_commit));
    CHECK(rescuer.put_json("/v1/keyrings/3", api::to_text(keyring)).status == 201);
    CHECK(phone.get("/v1/heads").code() == "denied");
    CHECK(rescuer.get("/v1/keyrings/2").code() == "stale");
  }
  SUBCASE("after 72 hours they count") {
    vault.world.clock().advance(std::chrono::hours(72));
    REQUIRE(vault.world.custodian().sweep().failures.empty());
    CHECK(vault.put_by(phone.make_keyring(true), {kPhrase}).status == 201);
    CHECK(phone.get("/v1/keyrings/2").code() == "stale");
  }
  SUBCASE("the old words put themselves back: what brought others goes, what waits still waits") {
    const crypto::Signer words(old_words.duplicate());
    phone.phrase_signer = crypto::Signer(old_words.duplicate());
    const auto keyring = phone.make_keyring(false);
    REQUIRE(vault.put_signed(keyring, {{kDevice, phone.device_signer}, {kPhrase, words}}).status
            == 201);
    CHECK(phone.get("/v1/keyrings/1").status == 200);
    CHECK(phone.get("/v1/keyrings/2").code() == "stale");
    CHECK(phone.get("/v1/keyrings/3").status == 200);
    CHECK(vault.world.custodian().sweep().erased == 0);
    const Bytes cancel =
        phone.make_later_event(consent::DecisionKind::withdraw_cancelled, vault.photos);
    CHECK(phone.post_event(cancel).status == 200);
  }
  SUBCASE("the old words confirm them") {
    const crypto::Signer words(old_words.duplicate());
    const auto keyring = phone.make_keyring(true);
    CHECK(vault.put_signed(keyring, {{kDevice, phone.device_signer}, {kPhrase, words}}).status
          == 201);
    CHECK(phone.get("/v1/keyrings/1").code() == "stale");
    CHECK(phone.get("/v1/keyrings/2").code() == "stale");
  }
}

TEST_CASE("words that are not settled remove no device that was ever wrapped for") {
  Vault vault;
  TestPhone& phone = vault.phone;
  TestPhone second(vault.world);
  REQUIRE(vault.add_device(second, phone.phrase_signer).status == 201);
  auto keyring = phone.make_keyring(false);
  auto terms = seal::KeyringStatement::parse(keyring.statement)->terms_unverified();
  terms.wraps.push_back(
      {second.device(), second.one_time_key, crypto::random_id<seal::DeviceWrap>()});
  std::ranges::sort(terms.wraps, {}, &seal::KeyringWrap::device);
  phone.phrase_signer = crypto::Signer::random();
  terms.phrase_key = phone.phrase_signer.public_key();
  const seal::KeyringSigner by_device{kDevice, phone.device_signer};
  keyring.statement = seal::sign_keyring(terms, std::span(&by_device, 1));
  REQUIRE(vault.put(keyring).status == 201);
  phone.took_keyring(keyring);

  CHECK(vault.put_by(phone.make_keyring(false), {kDevice, kPhrase}, false).code() == "denied");
  CHECK(vault.put_by(phone.make_keyring(false), {kDevice}, false).code() == "conflict");
}

TEST_CASE("a device that was added and never wrapped for is left out by whoever has words") {
  Vault vault;
  TestPhone& phone = vault.phone;
  TestPhone cut_off(vault.world);
  REQUIRE(vault.add_device(cut_off, phone.phrase_signer).status == 201);
  CHECK(vault.put_by(phone.make_keyring(false), {kDevice}, false).code() == "conflict");
  CHECK(vault.put_by(phone.make_keyring(false), {kDevice, kPhrase}).status == 201);
  CHECK(cut_off.get("/v1/heads").code() == "denied");
  CHECK(phone.put_keyring().status == 201);
}

TEST_CASE("a device that joined is not left out, and one that leaves needs the words") {
  Vault vault;
  TestPhone& phone = vault.phone;
  TestPhone second(vault.world);
  REQUIRE(vault.add_device(second, phone.phrase_signer).status == 201);
  CHECK(vault.put_by(phone.make_keyring(false), {kDevice}, false).code() == "conflict");

  // The new device takes over with the words, and leaves the old one out.
  auto keyring = phone.make_keyring(false);
  auto terms = seal::KeyringStatement::parse(keyring.statement)->terms_unverified();
  terms.wraps = {{second.device(), second.one_time_key, crypto::random_id<seal::DeviceWrap>()}};
  terms.device = second.device();
  const auto sign = [&](seal::KeyringSigner signer) {
    keyring.statement = seal::sign_keyring(terms, std::span(&signer, 1));
    return second.put_json("/v1/keyrings/2", api::to_text(keyring));
  };
  CHECK(sign({seal::KeyringSignerKind::device, second.device_signer}).code() == "forged");
  CHECK(sign({seal::KeyringSignerKind::device, phone.device_signer}).code() == "conflict");
  CHECK(sign({seal::KeyringSignerKind::phrase_key, phone.phrase_signer}).status == 201);
  CHECK(phone.get("/v1/heads").code() == "denied");
  const auto heads = api::parse_heads(second.get("/v1/heads").text());
  REQUIRE(heads.has_value());
  CHECK(heads->devices.size() == 1);
}

}  // namespace amanat::custodian
