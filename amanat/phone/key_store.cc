#include "amanat/phone/key_store.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

#include "amanat/codec/codec.h"
#include "amanat/phone/home.h"

namespace amanat::phone {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLocalContext = "amanat/local-kek/v1";
constexpr std::size_t kKeyringFileBytesMax =
    seal::kSealedKeyringBytesMax + seal::kKeyringStatementBytesMax + 8;

fs::path file_of(const fs::path& folder, std::string_view kind, std::uint32_t version) {
  return folder / (std::string(kind) + "-" + std::to_string(version));
}

fs::path file_of(const fs::path& folder, const crypto::BoxPublicKey& key) {
  return folder / ("one-time-" + key.hex());
}

Bytes local_aad(std::uint32_t version) {
  codec::Writer writer;
  writer.raw(kLocalContext);
  writer.u32(version);
  return std::move(writer).take();
}

std::optional<std::uint32_t> version_in(const std::string& name) {
  constexpr std::string_view kPrefix = "local-";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::uint32_t version = 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + kPrefix.size(), end, version);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return version;
}

}  // namespace

Result<> KeyStore::make_device_key() const {
  const fs::path path = folder_ / "device";
  if (std::error_code ignored; fs::exists(path, ignored)) return {};
  const auto seed = crypto::random_key<crypto::SigningSeed>();
  return write_private_file(path, seed.expose());
}

Result<crypto::Signer> KeyStore::device_key() const {
  const auto bytes = read_private_file(folder_ / "device", crypto::SigningSeed::kSize);
  if (!bytes) return carry(bytes, "reading the device key");
  auto seed = crypto::SigningSeed::from(bytes->expose());
  if (!seed) return carry(seed, "reading the device key");
  return crypto::Signer(std::move(*seed));
}

Result<crypto::BoxPublicKey> KeyStore::make_one_time_key() const {
  const auto pair = crypto::BoxKeyPair::random();
  if (auto kept = write_private_file(file_of(folder_, pair.public_key), pair.private_key.expose());
      !kept) {
    return carry(kept, "keeping a one-time key");
  }
  return pair.public_key;
}

Result<crypto::BoxKeyPair> KeyStore::one_time_key(const crypto::BoxPublicKey& key) const {
  const auto bytes = read_private_file(file_of(folder_, key), crypto::BoxPrivateKey::kSize);
  if (!bytes) return carry(bytes, "reading a one-time key");
  auto private_key = crypto::BoxPrivateKey::from(bytes->expose());
  if (!private_key) return carry(private_key, "reading a one-time key");
  return crypto::BoxKeyPair{.public_key = key, .private_key = std::move(*private_key)};
}

Result<> KeyStore::destroy_one_time_key(const crypto::BoxPublicKey& key) const {
  return destroy_private_file(file_of(folder_, key));
}

Result<> KeyStore::destroy_one_time_keys_except(const crypto::BoxPublicKey& key) const {
  std::vector<fs::path> others;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder_, problem)) {
    const bool is_one_time = entry.path().filename().string().starts_with("one-time-");
    if (is_one_time && entry.path() != file_of(folder_, key)) others.push_back(entry.path());
  }
  if (problem) return fail(Code::unavailable, "listing keys: " + problem.message());
  for (const fs::path& path : others) {
    if (auto done = destroy_private_file(path); !done) return carry(done);
  }
  return {};
}

Result<> KeyStore::keep_keyring(std::uint32_t version, ByteView sealed, ByteView statement,
                                const seal::KeyringKey& key) const {
  codec::Writer writer;
  writer.vector32(sealed, seal::kSealedKeyringBytesMax);
  writer.vector32(statement, seal::kKeyringStatementBytesMax);
  const auto local = crypto::random_key<crypto::AeadKey>();
  const Bytes wrapped = crypto::xchacha_seal(local, local_aad(version), key.expose());
  // The local key comes last: without it the version does not count as openable.
  for (const auto& [path, bytes] :
       {std::pair{file_of(folder_, "keyring", version), writer.bytes()},
        std::pair{file_of(folder_, "kek", version), ByteView(wrapped)},
        std::pair{file_of(folder_, "local", version), local.expose()}}) {
    if (auto kept = write_private_file(path, bytes); !kept) return carry(kept, "keeping a keyring");
  }
  return {};
}

Result<OpenKeyring> KeyStore::open_keyring(std::uint32_t version) const {
  const auto local_bytes = read_private_file(file_of(folder_, "local", version), 32);
  if (!local_bytes) return carry(local_bytes, "opening the keyring");
  const auto wrapped = read_private_file(file_of(folder_, "kek", version), 256);
  if (!wrapped) return carry(wrapped, "opening the keyring");
  const auto file = read_private_file(file_of(folder_, "keyring", version), kKeyringFileBytesMax);
  if (!file) return carry(file, "opening the keyring");

  const auto local = crypto::AeadKey::from(local_bytes->expose());
  if (!local) return carry(local, "opening the keyring");
  const auto key_bytes = crypto::xchacha_open(*local, local_aad(version), wrapped->expose());
  if (!key_bytes) return carry(key_bytes, "opening the keyring");
  const auto key = seal::KeyringKey::from(key_bytes->expose());
  if (!key) return carry(key, "opening the keyring");

  codec::Reader reader(file->expose());
  const ByteView sealed = reader.vector32(seal::kSealedKeyringBytesMax);
  const ByteView statement = reader.vector32(seal::kKeyringStatementBytesMax);
  if (auto done = reader.finish("kept keyring"); !done) return carry(done);
  auto body = seal::open_keyring(sealed, *key);
  if (!body) return carry(body, "opening the keyring");
  return OpenKeyring{.sealed = Bytes(sealed.begin(), sealed.end()),
                     .statement = Bytes(statement.begin(), statement.end()),
                     .body = std::move(*body)};
}

std::vector<std::uint32_t> KeyStore::versions() const {
  std::vector<std::uint32_t> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder_, problem)) {
    if (const auto version = version_in(entry.path().filename().string())) {
      found.push_back(*version);
    }
  }
  std::ranges::sort(found);
  return found;
}

Result<OpenKeyring> KeyStore::newest_keyring() const {
  const auto found = versions();
  if (found.empty()) {
    return fail(Code::not_found,
                "this phone holds no keyring: run amanat enroll or amanat recover");
  }
  return open_keyring(found.back());
}

Result<> KeyStore::destroy_keyring(std::uint32_t version) const {
  for (const std::string_view kind : {"local", "kek", "keyring"}) {
    if (auto done = destroy_private_file(file_of(folder_, kind, version)); !done) {
      return carry(done, "destroying a keyring's key");
    }
  }
  return {};
}

}  // namespace amanat::phone
