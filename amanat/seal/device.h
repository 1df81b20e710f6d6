#pragma once

// How a device joins an account (docs/format.md §3.3), and the certificate that it made a consent
// key (§3.4), which stays on the phone until its owner complains.

#include <cstdint>
#include <string_view>

#include "amanat/clock/clock.h"
#include "amanat/seal/ids.h"
#include "amanat/seal/statement.h"

namespace amanat::seal {

/// A device's public keys, signed by the device key and then by the phrase key.
struct Device {
  static constexpr std::string_view kWhat = "device statement";

  AccountId account;
  crypto::PublicKey device_key;
  crypto::BoxPublicKey one_time_key;  // for the next keyring
  crypto::PublicKey phrase_key;
  Instant made_at;

  DeviceId id() const { return device_id_of(device_key); }

  Bytes encode() const;
  static Result<Device> parse(ByteView body);
  friend bool operator==(const Device&, const Device&) = default;
};

/// body || device signature[64] || phrase signature[64], the second over body and first signature.
Bytes sign_device(const Device& device, const crypto::Signer& device_signer,
                  const crypto::Signer& phrase_signer);

/// A device statement with its bytes. Both signatures are by keys that the statement names itself,
/// so whoever opens it still asks: is this the phrase key of the account?
struct VerifiedDevice {
  Device device;
  Bytes statement;
};

/// Parses and checks both signatures: invalid_input for a bad shape, forged for a bad signature.
Result<VerifiedDevice> open_device(ByteView statement);

/// Says which device made a consent key. Signed by the device key.
struct ConsentKey {
  static constexpr std::string_view kWhat = "consent key certificate";

  crypto::PublicKey device_key;
  crypto::PublicKey consent_key;
  Instant made_at;

  Bytes encode() const;
  static Result<ConsentKey> parse(ByteView body);
  friend bool operator==(const ConsentKey&, const ConsentKey&) = default;
};

}  // namespace amanat::seal
