#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "amanat/consent/grant_history.h"
#include "amanat/consent/notice.h"
#include "amanat/regulator/checks.h"

namespace amanat::regulator {
namespace {

constexpr std::chrono::hours kGrace{24};  // sweeps, restarts, clocks

/// The days that the notice of this consent gives for an erasure; nothing when it is not at hand.
std::optional<std::chrono::days> erasure_days(const Case& judged, const OpenedDecision& first) {
  const auto served = judged.answers.notices.find(first.decision.notice);
  if (served == judged.answers.notices.end()) return {};
  const auto notice = consent::parse_notice(as_text(served->second.answer));
  if (!notice) return {};
  return std::chrono::days(notice->withdrawal.erasure_days);
}

/// When a stored object had to be erased at the latest; nothing when it may stay.
std::optional<Instant> due_of(const Case& judged, const OpenedObject& object) {
  std::optional<Instant> due;
  for (const seal::ObjectGrant& grant : object.object().grants) {
    const auto ended = judged.log.ended_before(grant.commitment, judged.log.size());
    const OpenedDecision* first = judged.first_decision(grant.commitment);
    if (!ended || first == nullptr) continue;
    const auto days = erasure_days(judged, *first);
    if (!days) continue;
    const Instant end = instant_of(ended->minute) + consent::kWithdrawalWait + *days + kGrace;
    due = due ? std::min(*due, end) : end;
  }
  return due;
}

/// What an opened erasure turns out to be.
struct Judgement {
  bool is_missing = false;  // a decision that it rests on was not opened
  std::optional<std::string> problem;
};

/// A tombstone counts when the key of the object's consent signed it.
Judgement judge_tombstone(const Case& judged, const OpenedObject& object,
                          const OpenedErasure& erasure) {
  const OpenedDecision* first = judged.first_decision(object.object().grants.front().commitment);
  if (first == nullptr) return {.is_missing = true, .problem = {}};
  if (erasure.tombstone->verify(first->decision.consent_key)) return {};
  return {.problem = "its tombstone is not signed with the key of its consent"};
}

/// A withdrawal counts when it is of one of the object's consents, by its key, and still stood when
/// the erasure was logged: one that was cancelled is no alibi for lost bytes.
Judgement judge_withdrawal(const Case& judged, const OpenedObject& object,
                           const OpenedErasure& erasure) {
  for (const seal::ObjectGrant& grant : object.object().grants) {
    if (erasure.withdrawal->grant != grant.commitment) continue;
    const OpenedDecision* first = judged.first_decision(grant.commitment);
    if (first == nullptr) return {.is_missing = true, .problem = {}};
    if (first->decision.consent_key != erasure.withdrawal->consent_key) {
      return {.problem = "the withdrawal it follows is not signed with the key of its consent"};
    }
    if (!judged.log.ended_before(grant.commitment, erasure.index)) {
      return {.problem = "the withdrawal it follows did not stand when it was erased"};
    }
    return {};
  }
  return {.problem = "the withdrawal it follows is not of its consents"};
}

/// An erasure must be what the owner signed.
Judgement judge_erasure(const Case& judged, const OpenedObject& object) {
  const auto erasure = open_erasure(judged.log, *object.erased, object);
  if (!erasure) return {.problem = erasure.error().message};
  return erasure->tombstone ? judge_tombstone(judged, object, *erasure)
                            : judge_withdrawal(judged, object, *erasure);
}

/// The later of the log's last minute and the time at which the custodian dated its answer.
Instant latest_of(const Case& judged) {
  return std::max(instant_of(judged.log.last_minute()), judged.answers.challenge_signed_at);
}

struct Counts {
  std::uint64_t erased = 0;
  std::uint64_t waiting = 0;
  std::uint64_t missing = 0;
  std::uint64_t violating = 0;
};

void examine(Finding& finding, const Case& judged, const SampledObject& sampled, Counts& counts) {
  if (!sampled.opened) {
    ++counts.missing;
    return;
  }
  std::optional<std::string> problem;
  if (sampled.erase_index) {
    ++counts.erased;
    if (!sampled.opened->erased) {
      ++counts.missing;
      return;
    }
    auto judgement = judge_erasure(judged, *sampled.opened);
    if (judgement.is_missing) {
      ++counts.missing;
      return;
    }
    problem = std::move(judgement.problem);
  } else if (const auto due = due_of(judged, *sampled.opened)) {
    ++counts.waiting;
    if (latest_of(judged) > *due) {
      problem = fmt::format("it had to be erased by {} and no erasure is logged", to_iso8601(*due));
    }
  }
  if (!problem) return;
  ++counts.violating;
  refute(finding, fmt::format("object {}: {}", sampled.index, *problem), sampled.index);
}

}  // namespace

Finding check_erasure(const Case& judged) {
  Finding finding;
  finding.check = "erasure-check";
  Counts counts;
  for (const auto& [position, sampled] : judged.objects) examine(finding, judged, sampled, counts);
  const std::uint64_t examined = judged.objects.size() - counts.missing;
  finding.sample = object_sample(judged, examined, counts.violating);
  settle(judged, finding, Verdict::consistent_with, counts.missing,
         fmt::format("{} erasures open to what their owners signed; {} objects of withdrawn "
                     "consents wait within their time",
                     counts.erased, counts.waiting));
  return finding;
}

}  // namespace amanat::regulator
