#pragma once

// Signed requests and answers (RFC 9421, Ed25519, label `amanat`; docs/api.md §3).
//
// A request's signature covers, exactly and in this order:
//
//   "@method" "@authority" "@path" "@query"
//   "content-length" "content-digest"    when there is a body
//   "content-length"                     when the body is a pack: its id, in the path, is its
//   digest "amanat-object"                      when the field is there
//
// An answer's covers "@status" "content-digest" and, if the request was signed, that signature:
// "signature";req;key="amanat". So an answer cannot be shown as the answer to another question.
//
// The signed base has one line a component and then "@signature-params" (RFC 9421 §2.5):
//
//   "@method": PUT
//   "@signature-params": ("@method" …);created=1618884473;nonce="…";keyid="…"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "amanat/api/client.h"
#include "amanat/api/http.h"
#include "amanat/api/signature_input.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"

namespace amanat::api {

inline constexpr std::chrono::seconds kSignatureWindow{300};

/// One line of a signature base: a component's identifier, quotes and parameters included, and its
/// value.
using ComponentLine = std::pair<std::string, std::string>;

/// The bytes that are signed, for these lines and the value of "@signature-params".
std::string signature_base(const std::vector<ComponentLine>& lines, std::string_view parameters);

/// SHA-256 of the public key: how a key is named in `keyid`.
KeyId key_id_of(const crypto::PublicKey& key);

/// Signs a request that is otherwise complete: sets Content-Length, Content-Digest,
/// Signature-Input and Signature.
///
///   authority   host[:port] in lower case without the default port: `Client::authority()`
void sign_request(ClientRequest& request, std::string_view authority, const crypto::Signer& signer,
                  Instant now);
/// The same with a nonce of the caller's choice, for vectors.
void sign_request(ClientRequest& request, std::string_view authority, const crypto::Signer& signer,
                  Instant now, const Nonce& nonce);

/// The signature a request claims to carry: well formed, not verified.
struct ClaimedSignature {
  SignatureInput input;
  crypto::Signature signature;
};

/// Reads Signature-Input and Signature, so that the key can be looked up by its id.
///
///   fails   forged when the request is not signed
///           invalid_input when a field is not in its one form or the nonce is missing
Result<ClaimedSignature> parse_signature(const Request& request);

/// Checks that `key` signed this request within `window` of `now`. Needs no body: what the body
/// must be stands in Content-Digest, which `read_signed_body` checks.
///
///   fails   forged when the key, the time, the list of components or the signature does not hold
///           invalid_input when a field is not in its one form
/// Whether the nonce is new is for `NonceMemory` to say, after this.
Result<ClaimedSignature> verify_request(const Request& request, const crypto::PublicKey& key,
                                        Instant now,
                                        std::chrono::seconds window = kSignatureWindow);

/// The whole body of a verified request; `forged` when it is not what Content-Digest says.
Result<Bytes> read_signed_body(Request& request, std::size_t size_max = kControlBytesMax);

/// Signs an answer whose body is in memory: sets Content-Digest, Signature-Input and Signature.
/// `request` is the request it answers; an unsigned one is not bound.
void sign_response(Response& response, const Request& request, const crypto::Signer& answer_key,
                   Instant now);

/// Checks that `answer_key` gave this answer to the request with these header fields.
///
///   returns when it was signed
///   fails   forged: keep request and answer, they are evidence only when this holds
///           invalid_input when a field is not in its one form
/// Takes the parts, not a connection's objects, so that kept evidence is checked by the same code.
Result<Instant> verify_response(int status, const Headers& headers, ByteView body,
                                const Headers& request_headers,
                                const crypto::PublicKey& answer_key);

}  // namespace amanat::api
