#pragma once

// The names and secrets that sealed data is made of (docs/format.md §3, §6, §11). Tags keep them
// apart: a wrap key does not pass for a name key, nor a pack for a blob.

#include <cstdint>
#include <functional>

#include "amanat/bytes/bytes.h"
#include "amanat/consent/grant_id.h"
#include "amanat/crypto/crypto.h"

namespace amanat::seal {

// Public names.
using PackId = Id<struct PackTag, 32>;                      // root over the pack's 4 KiB leaves
using BlobName = Id<struct BlobTag, 32>;                    // HMAC of its content, see pack.h
using CompartmentId = Id<struct CompartmentTag, 16>;        // random pseudonym
using AccountId = Id<struct AccountTag, 16>;                // random pseudonym
using DeviceId = Id<struct DeviceTag, 32>;                  // key id of the device key
using CommitHash = Id<struct CommitHashTag, 32>;            // SHA-256 of a signed commit
using SnapshotHash = Id<struct SnapshotHashTag, 32>;        // SHA-256 of a sealed snapshot
using KeyringHash = Id<struct KeyringHashTag, 32>;          // SHA-256 of a sealed keyring
using EventCommitment = Id<struct EventCommitmentTag, 32>;  // §4.2, of any event

/// A key generation of a vault, from 1: a new phrase or a removed device starts the next.
using Generation = std::uint16_t;

// Secrets.
using GrantKey = Key<struct GrantKeyTag, 32>;
using PackKey = Key<struct PackKeyTag, 32>;
using WrapKey = Key<struct WrapKeyTag, 32>;
using NameKey = Key<struct NameKeyTag, 32>;
using ChunkKey = Key<struct ChunkKeyTag, 32>;
using CutKey = Key<struct CutKeyTag, 16>;
using SnapshotKey = Key<struct SnapshotKeyTag, 32>;
using VaultKey = Key<struct VaultKeyTag, 32>;        // V: links vault heads
using LabelKey = Key<struct LabelKeyTag, 32>;        // makes the labels of a device's events
using KeyringKey = Key<struct KeyringKeyTag, 32>;    // KEK_n
using RecoveryKey = Key<struct RecoveryKeyTag, 32>;  // W

/// Where random bytes come from; tests put a fixed stream here so that sealed bytes replay.
using RandomSource = std::function<void(ByteSpan)>;

/// SHA-256 of a public key, which is how keys and devices are named.
inline DeviceId device_id_of(const crypto::PublicKey& device_key) {
  return DeviceId::from(crypto::sha256(device_key.bytes()).bytes()).value();
}

/// SHA-256 of the bytes, as a name of the wanted kind.
template <class IdType>
IdType hash_as(ByteView bytes) {
  return IdType::from(crypto::sha256(bytes).bytes()).value();
}

}  // namespace amanat::seal
