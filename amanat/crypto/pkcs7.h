#pragma once

// Detached PKCS #7 signatures (RFC 5652 SignedData), as JAR files carry them.

#include <vector>

#include "amanat/crypto/certificate.h"

namespace amanat::crypto {

inline constexpr std::size_t kPkcs7BytesMax = 4 * 1'024 * 1'024;

/// Verifies that every signer in `pkcs7` signed `content`, and returns their certificates, which
/// must be inside; whether anyone vouches for them is not asked.
///
///   fails   invalid_input when it is no signature, or a certificate is missing
///           forged when a signature does not hold
Result<std::vector<Certificate>> verify_pkcs7(ByteView pkcs7, ByteView content);

}  // namespace amanat::crypto
