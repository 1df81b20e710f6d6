#pragma once

// Other people's signatures: X.509 certificates (RFC 5280) and the algorithms that programs are
// signed with. Nothing of Amanat's own is signed this way, and nobody is trusted here: a signature
// that holds says who made it, not whether they are honest.

#include <cstdint>
#include <string>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::crypto {

inline constexpr std::size_t kCertificateBytesMax = 256 * 1'024;
inline constexpr std::size_t kSignatureBytesMax = 64 * 1'024;

using CertificateSha1 = Id<struct CertificateSha1Tag, 20>;
using CertificateSha256 = Id<struct CertificateSha256Tag, 32>;

/// A certificate and the two names it goes by in lists of known signers.
struct Certificate {
  Bytes der;
  Bytes public_key;          // SubjectPublicKeyInfo, DER
  CertificateSha1 sha1;      // of `der`
  CertificateSha256 sha256;  // of `der`
  std::string subject;       // one line as OpenSSL prints it (RFC 2253), at most 1,024 bytes
};

/// Reads one certificate and nothing after it; invalid_input when it is none.
Result<Certificate> parse_certificate(ByteView der);

enum class SignatureScheme : std::uint8_t {
  rsa_pkcs1_sha256,
  rsa_pkcs1_sha512,
  rsa_pss_sha256,  // salt of 32 bytes, MGF1 with the same digest
  rsa_pss_sha512,  // salt of 64 bytes
  ecdsa_sha256,    // DER, as all below
  ecdsa_sha512,
  dsa_sha256,
};

/// Verifies a signature over `message`.
///
///   public_key   SubjectPublicKeyInfo, DER
///   fails        invalid_input when the key is unreadable or of another kind than the scheme's
///                forged when the signature does not hold
Result<> verify_signature(ByteView public_key, SignatureScheme scheme, ByteView message,
                          ByteView signature);

}  // namespace amanat::crypto
