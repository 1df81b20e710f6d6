#pragma once

// The keys a phone keeps, as files that only their owner may read.
//
//   keys/device              the device's Ed25519 seed; made once
//   keys/one-time-<public>   X25519 private keys for keyrings to come; each opens one keyring
//   keys/keyring-<n>         sealed keyring and its statement, as the custodian has them
//   keys/kek-<n>             KEK_n under the local key made for n
//   keys/local-<n>           that local key: destroying it destroys this phone's way to keyring n
//
// A long-lived key that opened every keyring would undo every withdrawal; so each version has a
// local key of its own, and one-time keys are gone once they were used (docs/format.md §11.3).

#include <cstdint>
#include <filesystem>
#include <vector>

#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/seal/keyring.h"
#include "amanat/seal/keyring_statement.h"

namespace amanat::phone {

/// A keyring that this phone can open, opened.
struct OpenKeyring {
  Bytes sealed;
  Bytes statement;
  seal::KeyringBody body;

  std::uint32_t version() const { return body.version; }
  seal::KeyringHash hash() const { return seal::hash_keyring(sealed); }
};

class KeyStore {
 public:
  /// `folder` is there and private: Home made it.
  explicit KeyStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the device key, on disk before it returns; keeps one that is there.
  Result<> make_device_key() const;
  /// The device's signer; not_found before `make_device_key`.
  Result<crypto::Signer> device_key() const;

  /// Makes a one-time key, on disk before its public half is given out.
  Result<crypto::BoxPublicKey> make_one_time_key() const;
  Result<crypto::BoxKeyPair> one_time_key(const crypto::BoxPublicKey& key) const;
  Result<> destroy_one_time_key(const crypto::BoxPublicKey& key) const;
  /// Destroys all others, and what a cut-off write left of one.
  Result<> destroy_one_time_keys_except(const crypto::BoxPublicKey& key) const;

  /// Keeps a keyring and its key, durably.
  Result<> keep_keyring(std::uint32_t version, ByteView sealed, ByteView statement,
                        const seal::KeyringKey& key) const;
  /// Opens version `version`, or says why it cannot: not_found when it was never here or destroyed.
  Result<OpenKeyring> open_keyring(std::uint32_t version) const;
  /// The versions that can be opened here, ascending.
  std::vector<std::uint32_t> versions() const;
  /// The newest of them; not_found when there is none.
  Result<OpenKeyring> newest_keyring() const;
  /// Destroys this phone's way to a version; what is gone already is fine.
  Result<> destroy_keyring(std::uint32_t version) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace amanat::phone
