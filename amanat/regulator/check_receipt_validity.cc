#include <fmt/format.h>

#include "amanat/regulator/checks.h"

namespace amanat::regulator {

Finding check_receipt_validity(const Case& judged) {
  Finding finding;
  finding.check = "receipt-validity";
  std::uint64_t violating = judged.broken_decisions.size();
  for (const auto& [index, problem] : judged.broken_decisions) {
    refute(finding, fmt::format("decision {}: {}", index, problem), index);
  }
  for (const auto& [index, opened] : judged.decisions) {
    if (consent::is_first_decision(opened.decision.kind)) continue;
    const auto begun = judged.log.index_of(opened.grant);
    const OpenedDecision* first = judged.first_decision(opened.grant);
    if (!begun || *begun >= index) {
      ++violating;
      refute(finding, fmt::format("decision {} is about a consent not logged before it", index),
             index);
    } else if (first != nullptr && first->decision.consent_key != opened.decision.consent_key) {
      ++violating;
      refute(finding, fmt::format("decision {} is not signed with its consent's own key", index),
             index);
    }
  }
  std::uint64_t missing = 0;
  for (const std::uint64_t index : judged.sampled_decisions) {
    if (!judged.decisions.contains(index) && !judged.broken_decisions.contains(index)) ++missing;
  }
  const std::uint64_t examined = judged.decisions.size() + judged.broken_decisions.size();
  finding.sample = Sample{.population = judged.log.decisions().size(),
                          .examined = examined,
                          .violating = violating,
                          .whole = examined == judged.log.decisions().size(),
                          .of = "decisions"};
  settle(judged, finding, Verdict::consistent_with, missing,
         "every opened decision is complete, signed, and what the log committed to");
  return finding;
}

}  // namespace amanat::regulator
