#pragma once

// What a person answered when asked for one category and one purpose, signed so that anyone can
// check it later (docs/format.md §3.1).
//
// Each grant has a key pair of its own, the consent key; it signs the first decision and all that
// follow: a renewal, a withdrawal. A refusal is signed by a key that is made, used once and
// forgotten. Nothing is chosen beforehand, and nobody answers before the notice is shown: bytes
// that say otherwise do not parse.
//
//   body       "amanat/decision/v1" || fields          125 to 158 bytes with the context
//   statement  body || signature[64]                   Ed25519 by the consent key in the body

#include <cstdint>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/consent/category.h"
#include "amanat/consent/grant_id.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"

namespace amanat::consent {

enum class DecisionKind : std::uint8_t {
  given = 1,
  refused = 2,
  withdrawn = 3,
  renewed = 4,
  withdraw_cancelled = 5,  // within the waiting time after a withdrawal
  revoked = 6,             // ended by someone other than the person: a parent, an order
};

enum class AgeClass : std::uint8_t { not_stated = 0, under_age = 1, of_age = 2 };

/// How the person showed the answer.
enum class Indication : std::uint8_t { prompt = 1, command_line = 2, page = 3 };

/// The words in JSON and on the command line: `withdraw-cancelled`, `not-stated`, `command-line`.
std::string_view name_of(DecisionKind kind);
std::string_view name_of(AgeClass age_class);
std::string_view name_of(Indication indication);

struct Decision {
  DecisionKind kind = DecisionKind::refused;
  Category category = Category::other;
  Purpose purpose = Purpose::custody;
  AgeClass age_class = AgeClass::not_stated;
  crypto::PublicKey consent_key;
  GrantId grant;         // the grant's first commitment; zeros in given and refused
  NoticeId notice;       // SHA-256 of the notice as it was shown
  std::string language;  // of that notice, BCP 47
  Instant shown_at;
  Instant decided_at;   // never before shown_at
  Instant valid_until;  // given and renewed: the end of the consent; otherwise the epoch
  Indication indication = Indication::prompt;

  friend bool operator==(const Decision&, const Decision&) = default;
};

inline constexpr std::size_t kDecisionBytesMax = 18 + 4 + 3 * 32 + 36 + 3 * 8 + 2 + 64;
/// No time after the year 9999 is written or read.
inline constexpr std::uint64_t kMillisMax = 253'402'300'799'999;

/// Whether a grant lives on after this decision: its `valid_until` then has a meaning.
constexpr bool gives_consent(DecisionKind kind) {
  return kind == DecisionKind::given || kind == DecisionKind::renewed;
}
/// Whether this is the first decision of its key pair, which names no earlier grant.
constexpr bool is_first_decision(DecisionKind kind) {
  return kind == DecisionKind::given || kind == DecisionKind::refused;
}

/// Checks that the fields agree with each other.
///
///   fails   invalid_input: answered before shown; a grant named by a first decision, or none by a
///           later one; an end of consent where there is none, or one that is not after the answer;
///           a language that is no tag; a time before 1970 or after 9999
Result<> check_decision(const Decision& decision);

/// The bytes that are signed. The decision holds up to `check_decision`.
Bytes encode_decision(const Decision& decision);

/// Checks the decision, puts the signer's public key into it, and signs.
Result<Bytes> sign_decision(Decision decision, const crypto::Signer& consent_key);

/// Reads a body without its signature; fails with invalid_input. What parses, `encode_decision`
/// writes as the same bytes.
Result<Decision> parse_decision_untrusted(ByteView body);

/// A decision whose signature holds; only `verify_decision` makes one.
class VerifiedDecision {
 public:
  const Decision& decision() const { return decision_; }
  /// SHA-256 of the statement with its signature.
  const DecisionHash& hash() const { return hash_; }

 private:
  friend Result<VerifiedDecision> verify_decision(ByteView statement);
  Decision decision_;
  DecisionHash hash_;
};

/// Reads a statement and checks its signature under the consent key it names.
///
///   fails   invalid_input when it is malformed, forged when the signature does not hold
Result<VerifiedDecision> verify_decision(ByteView statement);

/// SHA-256 of a statement, signature included: what packs are bound to (docs/format.md §7).
DecisionHash hash_decision(ByteView statement);

}  // namespace amanat::consent
