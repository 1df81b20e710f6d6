#pragma once

// What a phone signs about a pack: that it made it, under which grants (docs/format.md §3.2); that
// it retired it; and that a withdrawal has run its course (§3.5). All three are signed by the
// consent key of the first grant in registry order: `seal::sign(object, signer)`, and read back
// with `Statement<Object>::parse(bytes)` and `verify(consent_key)`.

#include <cstdint>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/consent/category.h"
#include "amanat/seal/ids.h"
#include "amanat/seal/statement.h"

namespace amanat::seal {

inline constexpr std::uint32_t kFramesMax = 256;
inline constexpr std::size_t kObjectGrantsMax = 15;

/// A grant under which a pack is sealed.
struct ObjectGrant {
  consent::Category category = consent::Category::other;
  consent::GrantId commitment;
  friend bool operator==(const ObjectGrant&, const ObjectGrant&) = default;
};

/// A pack and what it was collected under: all that a custodian learns about it.
struct Object {
  static constexpr std::string_view kWhat = "object statement";

  PackId pack;
  std::uint32_t frames = 0;  // 1 to 256
  consent::Purpose purpose = consent::Purpose::custody;
  CompartmentId compartment;
  Generation generation = 0;        // from 1
  std::vector<ObjectGrant> grants;  // 1 to 15, one for each category, ascending
  Minute sealed_minute = 0;

  Bytes encode() const;
  /// Fails with invalid_input on anything that `encode` does not write.
  static Result<Object> parse(ByteView body);
  friend bool operator==(const Object&, const Object&) = default;
};

/// A pack is given up: the custodian may delete it.
struct Tombstone {
  static constexpr std::string_view kWhat = "tombstone";

  PackId pack;
  EventCommitment store;  // of the pack's object_store event
  Instant retired_at;

  Bytes encode() const;
  static Result<Tombstone> parse(ByteView body);
  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

/// What the devices and guardians confirmed when the keys of a withdrawn grant were destroyed.
struct ErasureReceipt {
  static constexpr std::string_view kWhat = "erasure receipt";

  consent::GrantId grant;
  std::uint32_t keyring_version = 0;  // the first keyring without its keys
  std::uint8_t guardians = 0;         // n; all four are 0 without guardians
  std::uint8_t threshold = 0;         // t
  std::uint8_t confirmed = 0;         // c
  std::uint8_t liars = 0;             // e
  std::uint16_t devices_unconfirmed = 0;
  Instant completed_at;

  Bytes encode() const;
  static Result<ErasureReceipt> parse(ByteView body);
  friend bool operator==(const ErasureReceipt&, const ErasureReceipt&) = default;
};

}  // namespace amanat::seal
