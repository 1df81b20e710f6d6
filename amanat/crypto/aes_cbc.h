#pragma once

// AES in CBC mode without padding (NIST SP 800-38A §6.2), for reading what other people's formats
// hold. It keeps no message from being changed: nothing of ours is sealed with it.

#include "amanat/bytes/bytes.h"

namespace amanat::crypto {

inline constexpr std::size_t kAesBlockBytes = 16;

/// Decrypts `blocks` into `plain`, which is as long and may begin where they begin.
///
///   key      16 or 32 bytes
///   start    16 bytes, in front of the first block
///   blocks   a multiple of 16 bytes
void aes_cbc_decrypt(ByteView key, ByteView start, ByteView blocks, ByteSpan plain);

/// The other way round.
void aes_cbc_encrypt(ByteView key, ByteView start, ByteView plain, ByteSpan blocks);

}  // namespace amanat::crypto
