#pragma once

// The signatures in a package's signing block: v2, v3 and v3.1.

#include "amanat/program/apk_parts.h"
#include "amanat/program/apk_signature.h"

namespace amanat::program {

/// Digests of the package's contents, each made once.
class ContentDigests {
 public:
  explicit ContentDigests(const ApkParts& parts) : parts_(parts) {}

  /// The digest that signatures of this algorithm are over; nothing for unknown algorithms.
  std::optional<Bytes> find(std::uint32_t algorithm);

 private:
  const ApkParts& parts_;
  std::optional<Bytes> sha256_;
  std::optional<Bytes> sha512_;
  std::optional<Bytes> tree_;
};

/// Verifies the block of one scheme. What does not hold is said in `problem`.
///
///   scheme   v2, v3 or v31
///   block    the value of the scheme's pair
///   parts    of the package, which is where an older scheme looks whether the newer one, that it
///            says is there, was stripped
ApkSignature verify_block(ApkScheme scheme, ByteView block, const ApkParts& parts,
                          ContentDigests& digests);

}  // namespace amanat::program
