#pragma once

#include "amanat/crypto/crypto.h"

namespace amanat::crypto {

/// `hpke_seal` with the ephemeral key given, so that published vectors can be met. A key used here
/// twice for one recipient gives two messages the same key and nonce: only tests call this.
Bytes hpke_seal_with(const BoxKeyPair& ephemeral, const BoxPublicKey& to, ByteView info,
                     ByteView aad, ByteView plain);

}  // namespace amanat::crypto
