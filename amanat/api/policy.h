#pragma once

// The policy: what a phone and a verifier trust before they trust anything (docs/format.md §14).
//
// It is JSON, served at /v1/policy; what is pinned is SHA-256 of the bytes as served, so that the
// suspect does not choose the root of trust.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/note/note.h"
#include "amanat/tlog/bodies.h"

namespace amanat::api {

using PolicyHash = tlog::PolicyHash;
inline constexpr std::size_t kPolicyBytesMax = 64 * 1024;

struct Policy {
  std::string origin;                  // of the log, schemeless
  note::VerifierKey log_key;           // named as the origin
  crypto::PublicKey answer_key;        // signs answers (docs/api.md §3)
  std::string certificate_authority;   // PEM
  std::string region;                  // as declared, a name of docs/format.md §2
  std::vector<std::string> witnesses;  // vkeys
  std::uint32_t quorum = 0;
  std::optional<PolicyHash> previous;
};

std::string to_text(const Policy& policy);

/// Reads a policy; refuses unknown members, a log key that is not named as the origin, and a
/// quorum larger than the number of witnesses.
Result<Policy> parse_policy(std::string_view text);

/// The hash that is pinned.
PolicyHash hash_of_policy(std::string_view text);

/// An address with the policy's hash in its fragment: `https://host:port#sha256=<64 hex digits>`.
struct EnrolAddress {
  std::string url;  // https://host:port, no trailing slash
  PolicyHash policy;
};
/// Reads what a person typed or scanned; says what is missing when the fragment is.
Result<EnrolAddress> parse_enrol_address(std::string_view text);
std::string to_text(const EnrolAddress& address);

}  // namespace amanat::api
