// Throughput of the primitives as the product uses them: frames of 64 KiB, small statements.

#include "amanat/crypto/crypto.h"

#include <chrono>
#include <cstdio>

using namespace amanat;
using namespace amanat::crypto;

namespace {

// Repeats `work` for about a fifth of a second; `units` is what one call does.
template <class Work>
void measure(const char* what, double units, Work work) {
  constexpr std::chrono::duration<double> kAtLeast{0.2};
  const auto start = std::chrono::steady_clock::now();
  std::chrono::duration<double> seconds{};
  double calls = 0;
  while (seconds < kAtLeast) {
    for (int i = 0; i < 16; ++i) work();
    calls += 16;
    seconds = std::chrono::steady_clock::now() - start;
  }
  std::printf("%-36s %12.1f /s\n", what, calls * units / seconds.count());
}

}  // namespace

int main() {
  constexpr std::size_t kFrame = 65536;
  constexpr double kFrameMegabytes = kFrame / 1e6;
  Bytes frame(kFrame);
  fill_random(frame);
  const ByteView plain = ByteView(frame).first(kFrame - kTagSize);
  const Bytes small(65, 1);
  Gcm gcm{Bytes(32, 1)};
  GcmNonce nonce{};
  measure("SHA-256 of 64 KiB, MB", kFrameMegabytes, [&] { sha256(frame); });
  measure("SHA-256 of 65 bytes", 1, [&] { sha256(small); });
  measure("HMAC of 65 bytes", 1, [&] { hmac_sha256(ByteView(small).first(32), {small}); });
  measure("GCM seals a frame, MB", kFrameMegabytes, [&] { gcm.seal(nonce, {}, plain, frame); });
  Bytes sealed(kFrame);
  gcm.seal(nonce, {}, plain, sealed);
  measure("GCM opens a frame, MB", kFrameMegabytes, [&] {
    ensure(gcm.open(nonce, {}, sealed, ByteSpan(frame).first(plain.size())).has_value(),
           "the frame opens");
  });
  AesBlocks blocks{Bytes(16, 1)};
  measure("AES-128 blocks, MB", kFrameMegabytes, [&] { blocks.encrypt(frame); });
  const Signer signer = Signer::random();
  const Signature signature = signer.sign(small);
  measure("Ed25519 sign", 1, [&] { signer.sign(small); });
  measure("Ed25519 verify", 1, [&] {
    ensure(verify(signer.public_key(), small, signature).has_value(), "the signature holds");
  });
  const BoxKeyPair box = BoxKeyPair::random();
  measure("HPKE seals a key", 1, [&] { hpke_seal(box.public_key, {}, {}, Bytes(32)); });
  const AeadKey key = random_key<AeadKey>();
  measure("XChaCha20-Poly1305 seals 64 KiB, MB", kFrameMegabytes,
          [&] { xchacha_seal(key, {}, frame); });
  return 0;
}
