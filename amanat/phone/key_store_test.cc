#include "amanat/phone/key_store.h"

#include <fstream>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "amanat/phone/home.h"
#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;

namespace {

seal::KeyringBody small_body(const crypto::PublicKey& device) {
  seal::KeyringBody body;
  body.version = 3;
  body.account = crypto::random_id<seal::AccountId>();
  body.previous = crypto::random_id<seal::KeyringHash>();
  body.vault_key = crypto::random_key<seal::VaultKey>();
  body.recovery_key = crypto::random_key<seal::RecoveryKey>();
  body.phrase_key = crypto::Signer::random().public_key();
  body.snapshot_keys.push_back({.generation = 1, .key = crypto::random_key<seal::SnapshotKey>()});
  body.devices.push_back({.device_key = device,
                          .label_key = crypto::random_key<seal::LabelKey>(),
                          .added_at = Instant(std::chrono::hours(500'000)),
                          .next_label = 0});
  return body;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("only one command works in a home at a time, and nobody else reads it") {
  const store::TemporaryFolder folder;
  const auto path = folder.path() / "home";
  {
    auto first = Home::open(path);
    REQUIRE(first);
    auto second = Home::open(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::unavailable);
    struct stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0700);
  }
  CHECK(Home::open(path));
}

TEST_CASE("a private file is whole or not there, and is destroyed without a trace in its place") {
  const store::TemporaryFolder folder;
  const auto path = folder.path() / "key";
  CHECK(read_private_file(path, 10).error().code == Code::not_found);
  REQUIRE(write_private_file(path, as_bytes("secret")));
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK(as_text(read_private_file(path, 6)->expose()) == "secret");
  CHECK(read_private_file(path, 5).error().code == Code::invalid_input);

  // A second name shows that the bytes were overwritten, not only unlinked.
  const auto other_name = folder.path() / "other";
  std::filesystem::create_hard_link(path, other_name);
  REQUIRE(destroy_private_file(path));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(content_of(other_name) == std::string(6, '\0'));
  CHECK(destroy_private_file(path));
}

TEST_CASE("a device key is made once; a one-time key opens until it is destroyed") {
  const store::TemporaryFolder folder;
  const KeyStore keys(folder.path());
  CHECK(keys.device_key().error().code == Code::not_found);
  REQUIRE(keys.make_device_key());
  const auto first = keys.device_key()->public_key();
  REQUIRE(keys.make_device_key());
  CHECK(keys.device_key()->public_key() == first);

  const auto one_time = keys.make_one_time_key();
  REQUIRE(one_time);
  CHECK(keys.one_time_key(*one_time));
  REQUIRE(keys.destroy_one_time_key(*one_time));
  CHECK(keys.one_time_key(*one_time).error().code == Code::not_found);
}

TEST_CASE("a keyring opens until this phone's way to it is destroyed") {
  const store::TemporaryFolder folder;
  const KeyStore keys(folder.path());
  const auto device = crypto::Signer::random();
  const auto body = small_body(device.public_key());
  const auto key = crypto::random_key<seal::KeyringKey>();
  const auto sealed = seal::seal_keyring(body, key);
  REQUIRE(sealed);
  REQUIRE(keys.keep_keyring(3, *sealed, as_bytes("statement"), key));

  auto opened = keys.newest_keyring();
  REQUIRE(opened);
  CHECK(opened->version() == 3);
  CHECK(opened->hash() == seal::hash_keyring(*sealed));
  CHECK(as_text(opened->statement) == "statement");

  REQUIRE(keys.destroy_keyring(3));
  CHECK(keys.versions().empty());
  CHECK(keys.newest_keyring().error().code == Code::not_found);
  // The key itself is nowhere in the folder any more.
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    CHECK(content_of(entry.path()).find(as_text(key.expose())) == std::string::npos);
  }
}

TEST_CASE("a keyring whose local key belongs to another version does not open") {
  const store::TemporaryFolder folder;
  const KeyStore keys(folder.path());
  const auto device = crypto::Signer::random();
  const auto key = crypto::random_key<seal::KeyringKey>();
  const auto sealed = seal::seal_keyring(small_body(device.public_key()), key);
  REQUIRE(keys.keep_keyring(3, *sealed, {}, key));
  REQUIRE(keys.keep_keyring(4, *sealed, {}, key));
  std::filesystem::copy_file(folder.path() / "local-3", folder.path() / "local-4",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(keys.open_keyring(4).error().code == Code::forged);
}
