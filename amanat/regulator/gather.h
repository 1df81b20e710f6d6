#pragma once

// Talks to a custodian and keeps what it says. Decides nothing: what the answers mean is for
// `judge`. Every request is signed by the auditor, so that every answer is signed too.
//
//   policy, nonce fixed -> checkpoint C -> the whole log under C -> draws -> openings -> leaves

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "amanat/api/policy.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/regulator/bundle.h"
#include "amanat/regulator/draws.h"
#include "amanat/regulator/evidence.h"

namespace amanat::regulator {

struct GatherOptions {
  api::EnrolAddress address;
  std::uint32_t samples = kSamplesUsual;  // at most kSamplesMax
  std::optional<std::string> remembered;  // an earlier checkpoint of this custodian
  std::vector<Bundle> bundles;
};

/// Gathers evidence; whatever is not answered is listed in it.
///
///   auditor  signs the requests
///   fails    unavailable when the custodian cannot be reached
///            forged when its policy is not the pinned one, or its certificate not the policy's
Result<Evidence> gather(const GatherOptions& options, const crypto::Signer& auditor,
                        const Clock& clock);

}  // namespace amanat::regulator
