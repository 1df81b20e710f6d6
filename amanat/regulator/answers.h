#pragma once

// The answers of a run that count: those that the policy's answer key signed, in reply to requests
// that the auditor's key signed. All others are as good as none.

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "amanat/api/messages.h"
#include "amanat/clock/clock.h"
#include "amanat/consent/grant_id.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/regulator/evidence.h"

namespace amanat::regulator {

/// Something answered, and by which exchange of the evidence.
template <class T>
struct Answered {
  T answer;
  std::uint64_t exchange = 0;
};

struct Answers {
  using LeafName = std::pair<std::uint64_t, std::uint64_t>;  // log index, leaf

  std::optional<Answered<api::Receipts>> challenge;
  Instant challenge_signed_at;  // when the custodian says that it signed that answer
  std::map<std::uint64_t, Answered<api::Opening>> openings;
  /// The erasures that openings name, also those logged after the checkpoint.
  std::map<std::uint64_t, api::OpenedEvent> erasures;
  std::map<LeafName, Answered<api::LeafAnswers::Answer>> leaves;
  std::map<consent::NoticeId, Answered<Bytes>> notices;
  std::optional<Answered<api::RegionAnswer>> region;
  std::uint64_t discarded = 0;  // exchanges that do not count
};

/// Takes what counts out of the evidence.
Answers read_answers(const Evidence& evidence, const crypto::PublicKey& answer_key);

/// Whether this exchange counts, errors included: the signatures of request and answer hold. Gives
/// the time at which the answer says it was signed.
Result<Instant> check_exchange(const Exchange& exchange, const Evidence& evidence,
                               const crypto::PublicKey& answer_key);

}  // namespace amanat::regulator
