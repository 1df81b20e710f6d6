#include "amanat/crypto/crypto.h"
#include "amanat/crypto/sodium_ready.h"

namespace amanat::crypto {
namespace {
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(kNonceSize + crypto_aead_xchacha20poly1305_ietf_ABYTES == kXchachaOverhead);
}  // namespace

void fill_random(ByteSpan memory) {
  ensure_sodium();
  randombytes_buf(memory.data(), memory.size());  // aborts when the system has no generator
}

Bytes xchacha_seal(const AeadKey& key, ByteView aad, ByteView plain) {
  Bytes sealed(plain.size() + kXchachaOverhead);
  const ByteSpan nonce = ByteSpan(sealed).first(kNonceSize);
  fill_random(nonce);
  const int done = crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.data() + kNonceSize, nullptr, plain.data(), plain.size(), aad.data(), aad.size(),
      nullptr, nonce.data(), key.expose().data());
  ensure(done == 0, "sealing succeeds");
  return sealed;
}

Result<SecretBytes> xchacha_open(const AeadKey& key, ByteView aad, ByteView sealed) {
  if (sealed.size() < kXchachaOverhead) {
    return fail(Code::forged, "sealed bytes are shorter than their nonce and tag");
  }
  ensure_sodium();
  SecretBytes plain(sealed.size() - kXchachaOverhead);
  const ByteView body = sealed.subspan(kNonceSize);
  const int done = crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain.expose().data(), nullptr, nullptr, body.data(), body.size(), aad.data(), aad.size(),
      sealed.data(), key.expose().data());
  if (done != 0) return fail(Code::forged, "the tag does not hold");
  return plain;
}

}  // namespace amanat::crypto
