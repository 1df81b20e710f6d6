#pragma once

// The primitives of suite 1, and nothing else: there is no negotiation.
//
//   bulk        SHA-256, HMAC, HKDF (RFC 5869), AES-256-GCM          OpenSSL 3
//   small       Ed25519 (RFC 8032), X25519, XChaCha20-Poly1305       libsodium
//   to a key    HPKE base mode, X25519 + HKDF-SHA256 + AES-256-GCM   RFC 9180, own code over both
//
// Everything here either succeeds or stops the process, except what a foreigner's bytes can make
// fail: opening, verifying and key exchange return `forged` or `invalid_input`.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::crypto {

using Hash = Id<struct Sha256Tag, 32>;
using AeadKey = Key<struct AeadKeyTag, 32>;
using MacKey = Key<struct MacKeyTag, 32>;
using GcmNonce = std::array<std::uint8_t, 12>;
inline constexpr std::size_t kTagSize = 16;  // of both AEADs

/// Fills memory from the system's generator; stops the process when there is none.
void fill_random(ByteSpan memory);
template <class IdType>
IdType random_id() {
  IdType id;
  fill_random(id.fill());
  return id;
}
template <class KeyType>
KeyType random_key() {
  KeyType key;
  fill_random(key.expose());
  return key;
}

/// SHA-256 of the parts, one after the other.
Hash sha256(std::initializer_list<ByteView> parts);
inline Hash sha256(ByteView bytes) { return sha256({bytes}); }

/// SHA-256 as the bytes come. Also MD5 and SHA-1, for lists of known malware only, and the longer
/// ones, for what other people signed.
enum class DigestKind : std::uint8_t { sha256, sha1, md5, sha384, sha512 };
class Digest {
 public:
  explicit Digest(DigestKind kind = DigestKind::sha256);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest();
  void update(ByteView bytes);
  /// The digest (16 to 64 bytes); the object starts anew.
  Bytes finish();
  /// The same, for SHA-256.
  Hash finish_sha256();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256 (RFC 2104) of the parts, one after the other; the key may have any length.
Hash hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

/// HKDF-SHA256 (RFC 5869), extract and expand; `out` has 1 to 8,160 bytes.
void hkdf(ByteView input_key, ByteView salt, std::initializer_list<ByteView> info, ByteSpan out);
/// HKDF-Expand alone, from a uniformly random key.
void hkdf_expand(ByteView key, std::initializer_list<ByteView> info, ByteSpan out);
template <class KeyType>
KeyType derive_key(ByteView input_key, ByteView salt, std::initializer_list<ByteView> info) {
  KeyType key;
  hkdf(input_key, salt, info, key.expose());
  return key;
}

/// AES-256-GCM with a context that is kept between calls: one per thread and key.
class Gcm {
 public:
  explicit Gcm(ByteView key);  // 32 bytes
  Gcm(Gcm&&) noexcept;
  Gcm& operator=(Gcm&&) noexcept;
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
  ~Gcm();

  /// Writes ciphertext and tag: `out` is plain.size() + 16 bytes; may begin where plain begins.
  void seal(const GcmNonce& nonce, ByteView aad, ByteView plain, ByteSpan out);
  /// `out` is sealed.size() - 16 bytes. `forged` when the tag does not hold; `out` is then wiped.
  Result<> open(const GcmNonce& nonce, ByteView aad, ByteView sealed, ByteSpan out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// XChaCha20-Poly1305 under a random 24-byte nonce: nonce || ciphertext || tag.
Bytes xchacha_seal(const AeadKey& key, ByteView aad, ByteView plain);
/// Opens what xchacha_seal made; `forged` when it does not hold.
Result<SecretBytes> xchacha_open(const AeadKey& key, ByteView aad, ByteView sealed);
inline constexpr std::size_t kXchachaOverhead = 24 + 16;

/// AES-128 of one block, for the keyed chunker: many blocks a call, in place.
class AesBlocks {
 public:
  explicit AesBlocks(ByteView key);  // 16 bytes
  AesBlocks(AesBlocks&&) noexcept;
  AesBlocks& operator=(AesBlocks&&) noexcept;
  AesBlocks(const AesBlocks&) = delete;
  AesBlocks& operator=(const AesBlocks&) = delete;
  ~AesBlocks();
  /// Encrypts `blocks` (a multiple of 16 bytes) in place, each block alone.
  void encrypt(ByteSpan blocks);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Signatures.
using PublicKey = Id<struct Ed25519PublicTag, 32>;
using Signature = Id<struct Ed25519SignatureTag, 64>;
using SigningSeed = Key<struct Ed25519SeedTag, 32>;  // RFC 8032's private key

/// An Ed25519 key pair made from its seed.
class Signer {
 public:
  explicit Signer(SigningSeed seed);
  static Signer random() { return Signer(random_key<SigningSeed>()); }
  const PublicKey& public_key() const { return public_key_; }
  Signature sign(ByteView message) const;
  const SigningSeed& seed() const { return seed_; }

 private:
  SigningSeed seed_;
  Key<struct Ed25519ExpandedTag, 64> expanded_;
  PublicKey public_key_;
};

/// Verifies strictly (canonical S, no small-order key): `forged` when it does not hold.
Result<> verify(const PublicKey& key, ByteView message, const Signature& signature);

/// A signed struct is its bytes with the signature after them: body || signature[64].
Bytes sign_statement(const Signer& signer, ByteView body);
/// The body of `statement` when the signature of `key` over it holds; `forged` otherwise. Borrows.
Result<ByteView> open_statement(const PublicKey& key, ByteView statement);

// To a key: HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
using BoxPublicKey = Id<struct X25519PublicTag, 32>;
using BoxPrivateKey = Key<struct X25519PrivateTag, 32>;
struct BoxKeyPair {
  BoxPublicKey public_key;
  BoxPrivateKey private_key;
  static BoxKeyPair random();
};
inline constexpr std::size_t kHpkeOverhead = 32 + 16;
/// enc[32] || ciphertext || tag[16]. To a public key of small order, which nobody honest has, it
/// makes bytes that nobody can open.
Bytes hpke_seal(const BoxPublicKey& to, ByteView info, ByteView aad, ByteView plain);
/// Opens what hpke_seal made; `forged` when it does not hold.
Result<SecretBytes> hpke_open(const BoxPrivateKey& key, const BoxPublicKey& public_key,
                              ByteView info, ByteView aad, ByteView sealed);

}  // namespace amanat::crypto
