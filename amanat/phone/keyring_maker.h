#pragma once

// Makes a keyring version out of a body: sealed under a fresh key, that key wrapped for recovery
// and to each device's newest one-time key, all of it signed (docs/format.md §11).

#include <functional>
#include <span>

#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/phone/key_store.h"

namespace amanat::phone {

/// A version that is made and stored nowhere yet.
struct MadeKeyring {
  seal::KeyringBody body;
  seal::KeyringKey key;
  Bytes sealed;
  Bytes statement;
  crypto::BoxPublicKey next_one_time_key;  // of this device; its private half is on disk already
};

struct KeyringMaking {
  const KeyStore& keys;
  const crypto::Signer& device;                   // this device; always signs
  const crypto::Signer* phrase_signer = nullptr;  // signs too when there is one
  bool confirmed = false;                         // counts now; needs the phrase key's signature
  Instant now;
  /// The newest one-time key each device published.
  std::function<Result<crypto::BoxPublicKey>(const seal::DeviceId&)> one_time_key;
};

/// Begins a key generation: the snapshots and every given grant get a key of it.
void start_generation(seal::KeyringBody& body, seal::Generation generation);

Result<MadeKeyring> make_keyring(seal::KeyringBody body, const KeyringMaking& making);

}  // namespace amanat::phone
