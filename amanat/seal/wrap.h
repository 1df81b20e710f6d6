#pragma once

// The two ways to KEK_n: for recovery under W, which the phrase gives, and to each device's
// one-time key (docs/format.md §11.3). Every wrap is bound to account, version, device and sealed
// keyring.

#include <cstdint>

#include "amanat/seal/ids.h"

namespace amanat::seal {

using RecoveryWrap = Id<struct RecoveryWrapTag, 72>;
using DeviceWrap = Id<struct DeviceWrapTag, 80>;

/// Which keyring a wrap is for.
struct WrapPlace {
  AccountId account;
  std::uint32_t version = 0;
  KeyringHash sealed;
};

/// Wraps KEK_n under W. `guardian_secret` is s_n, empty without guardians.
RecoveryWrap wrap_for_recovery(const WrapPlace& place, const KeyringKey& key,
                               const RecoveryKey& recovery_key, ByteView guardian_secret = {});
/// `forged` when W, s_n, place and wrap do not belong together.
Result<KeyringKey> open_recovery_wrap(const WrapPlace& place, const RecoveryWrap& wrap,
                                      const RecoveryKey& recovery_key,
                                      ByteView guardian_secret = {});

/// Wraps KEK_n to a device's one-time key.
DeviceWrap wrap_for_device(const WrapPlace& place, const KeyringKey& key, const DeviceId& device,
                           const crypto::BoxPublicKey& one_time_key);
/// `forged` when device, one-time key, place and wrap do not belong together.
Result<KeyringKey> open_device_wrap(const WrapPlace& place, const DeviceWrap& wrap,
                                    const DeviceId& device, const crypto::BoxKeyPair& one_time);

}  // namespace amanat::seal
