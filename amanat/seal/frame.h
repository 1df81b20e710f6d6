#pragma once

// The nonces and the associated data of pack sealing, which writer and reader must agree on
// (docs/format.md §7). Used by the parts of this module alone.

#include <span>

#include "amanat/seal/pack.h"

namespace amanat::seal {

/// u64 index || u32 (1 for the last frame).
crypto::GcmNonce frame_nonce(std::uint32_t index, bool is_last);

/// context || suite || salt || compartment.
Bytes frame_aad(const PackSalt& salt, const CompartmentId& compartment);

/// header[0..96) || decision hashes.
Bytes slot_aad(const PackHeader& header, std::span<const consent::DecisionHash> decisions);

/// What a header commits to: HKDF(pack key, salt, context || header[0..32)).
KeyCommitment commit_pack_key(const PackHeader& header, const PackKey& key);

inline constexpr std::size_t kTrailerBytes = 8;  // directory offset and number of entries

}  // namespace amanat::seal
