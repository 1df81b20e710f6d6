#include "amanat/seal/commit.h"

#include <doctest/doctest.h>

#include "amanat/seal/snapshot.h"
#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

Snapshot sound_snapshot() {
  return {.device = id_of<DeviceId>("device"),
          .sequence = 3,
          .previous = id_of<SnapshotHash>("previous"),
          .time = moment(),
          .trees = {{id_of<CompartmentId>("a"), id_of<PackId>("p"), id_of<BlobName>("r")},
                    {id_of<CompartmentId>("b"), id_of<PackId>("p"), id_of<BlobName>("s")}}};
}

Commit sound_commit() {
  return {.account = id_of<AccountId>("account"),
          .device = id_of<DeviceId>("device"),
          .sequence = 2,
          .previous = id_of<CommitHash>("previous"),
          .keyring_version = 1,
          .keyring = id_of<KeyringHash>("keyring"),
          .added = {{id_of<PackId>("one"), 4}, {id_of<PackId>("two"), 256}},
          .retired = {id_of<PackId>("old")},
          .snapshot = Bytes(100, 7),
          .time = moment()};
}

}  // namespace

TEST_CASE("a snapshot opens with the account and key it was sealed under, and no other") {
  const auto account = id_of<AccountId>("account");
  const auto key = key_of<SnapshotKey>("key");
  Bytes sealed = seal_snapshot(sound_snapshot(), account, 2, key);
  CHECK(snapshot_generation(sealed).value() == 2);
  CHECK(open_snapshot(sealed, account, key).value() == sound_snapshot());
  CHECK(open_snapshot(sealed, id_of<AccountId>("another"), key).error().code == Code::forged);
  CHECK(open_snapshot(sealed, account, key_of<SnapshotKey>("another")).error().code
        == Code::forged);
  sealed[1] = 3;  // another generation
  CHECK(open_snapshot(sealed, account, key).error().code == Code::forged);
  CHECK(open_snapshot(ByteView(sealed).first(1), account, key).error().code == Code::invalid_input);
  CHECK(!snapshot_generation(Bytes(kSealedSnapshotBytesMax + 1, 1)));
}

TEST_CASE("a snapshot has one tree for each compartment, 409 at most") {
  Snapshot snapshot = sound_snapshot();
  snapshot.trees.push_back(snapshot.trees.front());
  CHECK(Snapshot::parse(snapshot.encode()).error().code == Code::invalid_input);
  snapshot.trees.clear();
  for (std::size_t i = 0; i < kSnapshotTreesMax; ++i) {
    snapshot.trees.push_back({id_of<CompartmentId>(std::to_string(i)), {}, {}});
  }
  CHECK(Snapshot::parse(snapshot.encode()).value() == snapshot);
}

TEST_CASE("a commit says the same after it was signed and read") {
  const auto signer = signer_of("device");
  const Bytes bytes = sign(sound_commit(), signer);
  auto statement = Statement<Commit>::parse(bytes);
  REQUIRE(statement.has_value());
  CHECK(**statement->verify(signer.public_key()) == sound_commit());
  CHECK(hash_commit(bytes).bytes()[0] == crypto::sha256(bytes).bytes()[0]);
}

TEST_CASE("a commit that contradicts itself is refused") {
  Commit commit = sound_commit();
  SUBCASE("a pack added twice") { commit.added.push_back(commit.added[0]); }
  SUBCASE("a pack added and retired") { commit.retired.push_back(commit.added[0].pack); }
  SUBCASE("commit 0") { commit.sequence = 0; }
  SUBCASE("a first commit with one before it") { commit.sequence = 1; }
  SUBCASE("a second commit with none before it") { commit.previous = {}; }
  SUBCASE("keyring 0") { commit.keyring_version = 0; }
  SUBCASE("a pack of no frames") { commit.added[0].frames = 0; }
  CHECK(Commit::parse(commit.encode()).error().code == Code::invalid_input);
}

TEST_CASE("a full commit stays within its maximum") {
  Commit commit = sound_commit();
  commit.added.clear();
  commit.retired.clear();
  for (std::size_t i = 0; i < kCommitPacksMax; ++i) {
    commit.added.push_back({id_of<PackId>("a" + std::to_string(i)), 256});
  }
  for (std::size_t i = 0; i < kCommitRetiredMax; ++i) {
    commit.retired.push_back(id_of<PackId>("r" + std::to_string(i)));
  }
  commit.snapshot.resize(kSealedSnapshotBytesMax);
  const Bytes body = commit.encode();
  CHECK(body.size() < kCommitBytesMax);
  CHECK(Commit::parse(body).has_value());
}

TEST_CASE("a vault head depends on every device's commit and not on their order") {
  const auto keyring = id_of<KeyringHash>("keyring");
  const DeviceHead a{id_of<DeviceId>("a"), id_of<CommitHash>("a")};
  const DeviceHead b{id_of<DeviceId>("b"), id_of<CommitHash>("b")};
  const auto head = vault_head_commitment(1, keyring, {a, b});
  CHECK(head == vault_head_commitment(1, keyring, {b, a}));
  CHECK(head != vault_head_commitment(2, keyring, {a, b}));
  CHECK(head != vault_head_commitment(1, keyring, {a}));
  const auto key = key_of<VaultKey>("V");
  CHECK(vault_head_link(key, 1) != vault_head_link(key, 2));
}
