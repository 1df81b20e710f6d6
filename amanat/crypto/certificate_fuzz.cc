// A certificate that parses is its own bytes, all of them; and no signature made of noise holds.

#include "amanat/crypto/certificate.h"

#include "amanat/crypto/pkcs7.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto certificate = crypto::parse_certificate(bytes);
  if (certificate) {
    ensure(certificate->der == Bytes(bytes.begin(), bytes.end()), "a certificate is its bytes");
    const auto held = crypto::verify_signature(certificate->public_key,
                                               crypto::SignatureScheme::ecdsa_sha256, bytes, bytes);
    ensure(!held, "noise is no signature");
  }
  const auto signers = crypto::verify_pkcs7(bytes, bytes);
  ensure(!signers, "nothing signs itself");
  return 0;
}
