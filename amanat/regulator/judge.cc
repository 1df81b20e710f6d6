#include "amanat/regulator/judge.h"

#include <fmt/format.h>

#include "amanat/regulator/checks.h"
#include "amanat/regulator/controls.h"

namespace amanat::regulator {
namespace {

using Check = Finding (*)(const Case&);
constexpr Check kChecks[] = {
    check_log_consistency, check_consent_before_object,    check_receipt_validity,
    check_notice_schema,   check_post_withdrawal_activity, check_sealed_sample,
    check_tls_probe,       check_bucket_location,          check_storage_challenge,
    check_erasure,         check_feed_freshness,
};

/// Without a log nothing can be judged, and nobody is refuted by that.
void leave_unanswered(Report& report, const Error& error) {
  for (const CheckNote& note : check_notes()) {
    Finding finding;
    finding.check = std::string(note.check);
    finding.verdict = Verdict::unanswered;
    finding.reason = error.message;
    report.findings.push_back(std::move(finding));
  }
}

}  // namespace

void settle(const Case& judged, Finding& finding, Verdict good, std::uint64_t missing,
            std::string reason) {
  if (finding.verdict == Verdict::refuted) return;
  if (finding.sample && finding.sample->population == 0) {
    finding.verdict = Verdict::not_examined;
    finding.reason = fmt::format("the log holds no {}", finding.sample->of);
  } else if (finding.sample && !judged.draws) {
    finding.verdict = Verdict::unanswered;
    finding.reason = "no sample could be drawn: the custodian fixed no nonce for this verifier";
  } else if (missing > 0) {
    finding.verdict = Verdict::unanswered;
    finding.reason = fmt::format("{} questions have no answer that counts", missing);
  } else {
    finding.verdict = good;
    finding.reason = std::move(reason);
  }
}

Sample object_sample(const Case& judged, std::uint64_t examined, std::uint64_t violating) {
  const std::uint64_t population = judged.log.objects().size();
  const bool whole = judged.covers_all_objects() && examined == judged.objects.size();
  std::uint64_t random = 0;
  for (const Probe& probe : judged.probes) random += probe.random ? 1U : 0U;
  // The bound is for independent draws; a member drawn twice was looked at twice.
  const bool complete = examined == judged.objects.size();
  return {.population = population,
          .examined = whole ? population : (complete ? random : examined),
          .violating = violating,
          .whole = whole,
          .of = "objects"};
}

Result<Report> judge(const Evidence& evidence) {
  const auto policy = read_policy(evidence);
  if (!policy) return carry(policy);
  Report report{.url = evidence.url,
                .finished = evidence.finished,
                .policy = evidence.pinned,
                .log_size = 0,
                .witnesses = policy->witnesses.size(),
                .unanswered = evidence.unanswered.size(),
                .findings = {}};
  const auto judged = Case::read(evidence);
  if (!judged) {
    leave_unanswered(report, judged.error());
    return report;
  }
  report.log_size = judged->log.size();
  for (const Check check : kChecks) report.findings.push_back(check(*judged));
  return report;
}

}  // namespace amanat::regulator
