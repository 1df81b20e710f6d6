#include <fmt/format.h>

#include "amanat/regulator/checks.h"

namespace amanat::regulator {

Finding check_post_withdrawal_activity(const Case& judged) {
  Finding finding;
  finding.check = "post-withdrawal-activity";
  std::uint64_t examined = 0;
  std::uint64_t missing = 0;
  std::uint64_t violating = 0;
  for (const auto& [position, sampled] : judged.objects) {
    if (!sampled.opened) {
      ++missing;
      continue;
    }
    ++examined;
    for (const seal::ObjectGrant& grant : sampled.opened->object().grants) {
      const auto ended = judged.log.ended_before(grant.commitment, sampled.index);
      if (!ended) continue;
      ++violating;
      refute(finding,
             fmt::format("object {} of {} entered the log after the withdrawal of entry {}",
                         sampled.index, consent::name_of(grant.category), ended->index),
             sampled.index);
      break;
    }
  }
  finding.sample = object_sample(judged, examined, violating);
  settle(judged, finding, Verdict::consistent_with, missing,
         "no opened object entered the log under a consent withdrawn before");
  return finding;
}

}  // namespace amanat::regulator
