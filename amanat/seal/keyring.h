#pragma once

// The keyring holds every key of a vault, sealed under a random key KEK_n that is made anew for
// each version (docs/format.md §11.1, §11.2). Who can open KEK_n: see wrap.h and
// keyring_statement.h.

#include <cstdint>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/consent/category.h"
#include "amanat/seal/compartment.h"
#include "amanat/seal/ids.h"

namespace amanat::seal {

inline constexpr std::size_t kKeyringHeaderBytes = 96;
inline constexpr std::size_t kSealedKeyringBytesMax = std::size_t{512} << 10;

struct KeyringSnapshotKey {
  Generation generation = 0;
  SnapshotKey key;
};

struct KeyringDevice {
  crypto::PublicKey device_key;
  LabelKey label_key;
  Instant added_at;
  std::uint64_t next_label = 0;  // a floor: the device continues at the larger of this and its own
  DeviceId id() const { return device_id_of(device_key); }
};

enum class GrantState : std::uint8_t { given = 1, withdrawn = 2 };

struct KeyringGrantKey {
  Generation generation = 0;
  GrantKey key;
};

struct KeyringGrant {
  consent::Category category = consent::Category::other;
  consent::Purpose purpose = consent::Purpose::custody;
  GrantState state = GrantState::given;
  crypto::SigningSeed consent_seed;
  consent::GrantId commitment;
  consent::DecisionHash decision;  // the first
  Instant valid_until;
  std::vector<KeyringGrantKey> keys;  // ascending; at least one when given, none when withdrawn

  /// The key of this generation; nullptr when the grant has none.
  const GrantKey* key_of(Generation generation) const;
  const GrantKey* first_key() const { return keys.empty() ? nullptr : &keys.front().key; }
};

struct KeyringCompartment {
  CompartmentId id;
  DeviceId device;
  consent::Purpose purpose = consent::Purpose::custody;
  std::vector<consent::GrantId> grants;  // 1 to 15, registry order of their categories
};

/// What a keyring says. Moves only: it is made of secrets.
struct KeyringBody {
  std::uint32_t version = 0;  // from 1
  AccountId account;
  KeyringHash previous;       // zeros for version 1
  Generation generation = 1;  // newest key generation
  VaultKey vault_key;
  RecoveryKey recovery_key;
  crypto::PublicKey phrase_key;
  std::vector<KeyringSnapshotKey> snapshot_keys;  // ascending, at least one
  std::vector<KeyringDevice> devices;             // at least one, each once
  std::vector<KeyringGrant> grants;               // ascending by (category, purpose, commitment)
  std::vector<KeyringCompartment> compartments;   // ascending by id
  Bytes guardians;                                // empty: none

  /// Writes grants and compartments in their order, whatever order they have here.
  SecretBytes encode() const;
  /// Fails with invalid_input on everything `encode` cannot have written.
  static Result<KeyringBody> parse(ByteView bytes);
  /// A body with the same keys: what the next version is made from.
  KeyringBody duplicate() const;

  const KeyringGrant* find_grant(const consent::GrantId& id) const;
  const KeyringDevice* find_device(const DeviceId& id) const;
  const KeyringCompartment* find_compartment(const CompartmentId& id) const;
  const SnapshotKey* find_snapshot_key(Generation generation) const;
};

/// All keys of a compartment to read what was sealed at `generation`; `denied` when a grant of it
/// is withdrawn (the compartment is closed), not_found when there is no such compartment or
/// generation.
Result<CompartmentKeys> compartment_keys(const KeyringBody& body, const CompartmentId& id,
                                         Generation generation);

/// The fields in the clear: what a custodian checks before it stores a keyring.
struct KeyringHeader {
  std::uint32_t version = 0;
  AccountId account;
  Id<struct KeyringSaltTag, 32> salt;
  Id<struct KeyringCommitmentTag, 32> commitment;

  /// Reads the header of a sealed keyring and checks the size of the whole.
  static Result<KeyringHeader> parse(ByteView sealed);
  Bytes encode() const;
  friend bool operator==(const KeyringHeader&, const KeyringHeader&) = default;
};

/// header || XSEAL(KEK, header, body); invalid_input when it would pass 512 KiB.
Result<Bytes> seal_keyring(const KeyringBody& body, const KeyringKey& key);

/// Opens a keyring and checks that header and body agree.
///
///   fails   forged         another key, or bent bytes
///           invalid_input  malformed, or header and body name different accounts or versions
Result<KeyringBody> open_keyring(ByteView sealed, const KeyringKey& key);

inline KeyringHash hash_keyring(ByteView sealed) { return hash_as<KeyringHash>(sealed); }

}  // namespace amanat::seal
