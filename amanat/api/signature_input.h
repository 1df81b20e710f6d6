#pragma once

// The three structured fields (RFC 8941) of our signatures, in the one form that we write. Each
// value has one spelling, so what parses is encoded to the same bytes.
//
//   Signature-Input: amanat=("@method" "@path");created=1618884473;nonce="…";keyid="…"
//   Signature:       amanat=:<base64 of 64 bytes>:
//   Content-Digest:  sha-256=:<base64 of 32 bytes>:                          (RFC 9530)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"

namespace amanat::api {

using Nonce = Id<struct RequestNonceTag, 16>;
using KeyId = Id<struct KeyIdTag, 32>;  // SHA-256 of an Ed25519 public key

inline constexpr std::size_t kComponentsMax = 16;

/// What a signature covers and who made it when.
struct SignatureInput {
  std::vector<std::string> components;  // identifiers as in the base: `"@method"`, quotes included
  std::uint64_t created = 0;            // seconds since 1970
  std::optional<Nonce> nonce;           // in requests
  KeyId key_id;
  friend bool operator==(const SignatureInput&, const SignatureInput&) = default;
};

/// `("@method" …);created=…;nonce="…";keyid="…"`: the value of "@signature-params".
std::string to_parameters(const SignatureInput& input);
/// The whole field: `amanat=` and the parameters.
std::string to_field(const SignatureInput& input);
/// Fails with invalid_input on everything that `to_field` does not write.
Result<SignatureInput> parse_signature_input(std::string_view field);

std::string to_field(const crypto::Signature& signature);
Result<crypto::Signature> parse_signature_field(std::string_view field);

/// The Content-Digest field of these bytes.
std::string content_digest(ByteView body);
Result<crypto::Hash> parse_content_digest(std::string_view field);

}  // namespace amanat::api
