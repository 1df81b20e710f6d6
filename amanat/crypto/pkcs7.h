#pragma once

// Detached PKCS #7 signatures (RFC 5652 SignedData), as JAR files carry them.

#include <vector>

#include "amanat/crypto/certificate.h"

namespace amanat::crypto {

inline constexpr std::size_t kPkcs7BytesMax = 4 * 1'024 * 1'024;

/// Verifies who signed `content`, and returns the certificates of the signers whose signatures
/// hold, in order. The certificates must be inside; whether anyone vouches for them is not asked.
/// One that is not DER is written anew, and so has another digest than its bytes in there.
///
///   fails   invalid_input when it is no signature, or a signer lacks its certificate or attributes
///           forged when no signer's signature holds
Result<std::vector<Certificate>> verify_pkcs7(ByteView pkcs7, ByteView content);

}  // namespace amanat::crypto
