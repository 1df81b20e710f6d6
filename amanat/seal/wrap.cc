#include "amanat/seal/wrap.h"

#include <cstring>

#include "amanat/codec/codec.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kRecoveryContext = "amanat/recovery-wrap/v1";
constexpr std::string_view kDeviceContext = "amanat/device-wrap/v1";

Bytes wrap_aad(const WrapPlace& place, const DeviceId& device) {
  codec::Writer writer;
  writer.raw(place.account.bytes());
  writer.u32(place.version);
  writer.raw(device.bytes());
  writer.raw(place.sealed.bytes());
  return std::move(writer).take();
}

// HKDF(W || s_n, account, context || uint32 n)
crypto::AeadKey recovery_wrap_key(const WrapPlace& place, const RecoveryKey& recovery_key,
                                  ByteView guardian_secret) {
  SecretBytes input(RecoveryKey::kSize + guardian_secret.size());
  std::memcpy(input.expose().data(), recovery_key.expose().data(), RecoveryKey::kSize);
  if (!guardian_secret.empty()) {
    std::memcpy(input.expose().data() + RecoveryKey::kSize, guardian_secret.data(),
                guardian_secret.size());
  }
  codec::Writer version;
  version.u32(place.version);
  return crypto::derive_key<crypto::AeadKey>(std::as_const(input).expose(), place.account.bytes(),
                                             {as_bytes(kRecoveryContext), version.bytes()});
}

}  // namespace

RecoveryWrap wrap_for_recovery(const WrapPlace& place, const KeyringKey& key,
                               const RecoveryKey& recovery_key, ByteView guardian_secret) {
  const auto wrap_key = recovery_wrap_key(place, recovery_key, guardian_secret);
  return RecoveryWrap::from(
             crypto::xchacha_seal(wrap_key, wrap_aad(place, DeviceId{}), key.expose()))
      .value();
}

Result<KeyringKey> open_recovery_wrap(const WrapPlace& place, const RecoveryWrap& wrap,
                                      const RecoveryKey& recovery_key, ByteView guardian_secret) {
  const auto wrap_key = recovery_wrap_key(place, recovery_key, guardian_secret);
  auto plain = crypto::xchacha_open(wrap_key, wrap_aad(place, DeviceId{}), wrap.bytes());
  if (!plain) return carry(plain, "recovery wrap");
  return KeyringKey::from(plain->expose());
}

DeviceWrap wrap_for_device(const WrapPlace& place, const KeyringKey& key, const DeviceId& device,
                           const crypto::BoxPublicKey& one_time_key) {
  return DeviceWrap::from(crypto::hpke_seal(one_time_key, as_bytes(kDeviceContext),
                                            wrap_aad(place, device), key.expose()))
      .value();
}

Result<KeyringKey> open_device_wrap(const WrapPlace& place, const DeviceWrap& wrap,
                                    const DeviceId& device, const crypto::BoxKeyPair& one_time) {
  auto plain = crypto::hpke_open(one_time.private_key, one_time.public_key,
                                 as_bytes(kDeviceContext), wrap_aad(place, device), wrap.bytes());
  if (!plain) return carry(plain, "device wrap");
  return KeyringKey::from(plain->expose());
}

}  // namespace amanat::seal
