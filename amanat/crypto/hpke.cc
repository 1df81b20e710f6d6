// HPKE base mode, one message to a context (RFC 9180): DHKEM(X25519, HKDF-SHA256) makes a shared
// secret, the key schedule makes key and nonce of it, AES-256-GCM seals. The sequence number is
// always 0, so the nonce is the base nonce itself.

#include "amanat/crypto/crypto.h"
#include "amanat/crypto/hpke_internal.h"
#include "amanat/crypto/sodium_ready.h"

namespace amanat::crypto {
namespace {

using SharedSecret = Key<struct HpkeSharedTag, 32>;
using Extracted = Key<struct HpkeExtractedTag, 32>;

constexpr std::string_view kVersion = "HPKE-v1";
// "KEM" || kem_id, and "HPKE" || kem_id || kdf_id || aead_id (§4.1, §5.1)
constexpr auto kKemSuite = std::to_array<std::uint8_t>({'K', 'E', 'M', 0x00, 0x20});
constexpr auto kSuite =
    std::to_array<std::uint8_t>({'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x02});

// LabeledExtract (§4)
Extracted extract(ByteView suite, ByteView salt, std::string_view label, ByteView input_key) {
  Hash hash = hmac_sha256(salt, {as_bytes(kVersion), suite, as_bytes(label), input_key});
  auto key = Extracted::from(hash.bytes());
  wipe(hash.fill());
  return std::move(*key);
}

// LabeledExpand (§4)
void expand(ByteView suite, const Extracted& key, std::string_view label, ByteView info,
            ByteSpan out) {
  const std::array<std::uint8_t, 2> length{static_cast<std::uint8_t>(out.size() >> 8),
                                           static_cast<std::uint8_t>(out.size())};
  hkdf_expand(key.expose(), {length, as_bytes(kVersion), suite, as_bytes(label), info}, out);
}

// ExtractAndExpand (§4.1); fails when the other key leads to an all-zero point (§7.1.4).
Result<SharedSecret> agree(const BoxPrivateKey& mine, const BoxPublicKey& theirs,
                           const BoxPublicKey& ephemeral, const BoxPublicKey& recipient) {
  ensure_sodium();
  SharedSecret point;
  if (crypto_scalarmult(point.expose().data(), mine.expose().data(), theirs.bytes().data()) != 0) {
    return fail(Code::forged, "a public key of small order");
  }
  std::array<std::uint8_t, 64> context{};
  std::memcpy(context.data(), ephemeral.bytes().data(), BoxPublicKey::kSize);
  std::memcpy(context.data() + BoxPublicKey::kSize, recipient.bytes().data(), BoxPublicKey::kSize);
  SharedSecret secret;
  expand(kKemSuite, extract(kKemSuite, {}, "eae_prk", point.expose()), "shared_secret", context,
         secret.expose());
  return secret;
}

struct Schedule {
  AeadKey key;
  GcmNonce nonce{};
};

// KeySchedule of mode_base (§5.1): no pre-shared key, no sender key.
Schedule schedule(const SharedSecret& secret, ByteView info) {
  const Extracted psk_id_hash = extract(kSuite, {}, "psk_id_hash", {});
  const Extracted info_hash = extract(kSuite, {}, "info_hash", info);
  Bytes context{0x00};
  append(context, psk_id_hash.expose());
  append(context, info_hash.expose());
  const Extracted seed = extract(kSuite, secret.expose(), "secret", {});
  Schedule made;
  expand(kSuite, seed, "key", context, made.key.expose());
  expand(kSuite, seed, "base_nonce", context, made.nonce);
  return made;
}

}  // namespace

BoxKeyPair BoxKeyPair::random() {
  BoxKeyPair pair;
  fill_random(pair.private_key.expose());
  ensure(
      crypto_scalarmult_base(pair.public_key.fill().data(), pair.private_key.expose().data()) == 0,
      "every scalar has a public key");
  return pair;
}

Bytes hpke_seal_with(const BoxKeyPair& ephemeral, const BoxPublicKey& to, ByteView info,
                     ByteView aad, ByteView plain) {
  auto secret = agree(ephemeral.private_key, to, ephemeral.public_key, to);
  // Nobody honest has such a key, and everybody could open what is sealed to it.
  if (!secret) secret = random_key<SharedSecret>();
  const Schedule made = schedule(*secret, info);
  Bytes sealed(plain.size() + kHpkeOverhead);
  std::memcpy(sealed.data(), ephemeral.public_key.bytes().data(), BoxPublicKey::kSize);
  Gcm gcm(made.key.expose());
  gcm.seal(made.nonce, aad, plain, ByteSpan(sealed).subspan(BoxPublicKey::kSize));
  return sealed;
}

Bytes hpke_seal(const BoxPublicKey& to, ByteView info, ByteView aad, ByteView plain) {
  return hpke_seal_with(BoxKeyPair::random(), to, info, aad, plain);
}

Result<SecretBytes> hpke_open(const BoxPrivateKey& key, const BoxPublicKey& public_key,
                              ByteView info, ByteView aad, ByteView sealed) {
  if (sealed.size() < kHpkeOverhead) {
    return fail(Code::forged, "sealed bytes are shorter than their key and tag");
  }
  const auto enc = BoxPublicKey::from(sealed.first(BoxPublicKey::kSize));
  if (!enc) return carry(enc);
  const auto secret = agree(key, *enc, *enc, public_key);
  if (!secret) return carry(secret);
  const Schedule made = schedule(*secret, info);
  SecretBytes plain(sealed.size() - kHpkeOverhead);
  Gcm gcm(made.key.expose());
  if (auto opened = gcm.open(made.nonce, aad, sealed.subspan(BoxPublicKey::kSize), plain.expose());
      !opened) {
    return carry(opened);
  }
  return plain;
}

}  // namespace amanat::crypto
