#include <fmt/format.h>

#include "amanat/regulator/checks.h"

namespace amanat::regulator {
namespace {

/// Why a consent does not cover an object; nothing when it does.
using Objection = std::optional<std::string>;

/// The end of a grant as it stood when entry `index` was logged.
Instant end_of(const Case& judged, const OpenedDecision& first, std::uint64_t index) {
  Instant end = first.decision.valid_until;
  for (const auto& [at, later] : judged.decisions) {
    if (at >= index) break;
    if (later.type == tlog::EventType::consent_renewed && later.grant == first.grant
        && later.decision.consent_key == first.decision.consent_key) {
      end = std::max(end, later.decision.valid_until);
    }
  }
  return end;
}

/// What the log alone says about a consent and an object.
Objection object_to_order(const Case& judged, const OpenedObject& object,
                          const seal::ObjectGrant& grant) {
  const std::string category(consent::name_of(grant.category));
  const auto logged = judged.log.index_of(grant.commitment);
  if (!logged) {
    return fmt::format("object {} names a consent for {} that is not in the log", object.index,
                       category);
  }
  if (*logged >= object.index) {
    return fmt::format("object {} came before its consent for {}, entry {}", object.index, category,
                       *logged);
  }
  if (const auto ended = judged.log.ended_before(grant.commitment, object.index)) {
    return fmt::format("object {} came after its consent for {} had ended, entry {}", object.index,
                       category, ended->index);
  }
  return {};
}

Objection object_to_decision(const Case& judged, const OpenedObject& object,
                             const seal::ObjectGrant& grant, const OpenedDecision& first) {
  const seal::Object& stored = object.object();
  if (first.decision.category != grant.category || first.decision.purpose != stored.purpose) {
    return fmt::format("object {} is {} for {}, its consent is for {} for {}", object.index,
                       consent::name_of(grant.category), consent::name_of(stored.purpose),
                       consent::name_of(first.decision.category),
                       consent::name_of(first.decision.purpose));
  }
  if (stored.sealed_minute < minute_of(first.decision.decided_at)) {
    return fmt::format("object {} was sealed before its consent was given", object.index);
  }
  if (instant_of(stored.sealed_minute) >= end_of(judged, first, object.index)) {
    return fmt::format("object {} was sealed after its consent had run out", object.index);
  }
  return {};
}

struct Outcome {
  Objection objection;
  bool is_missing = false;  // a decision was not opened
};

Outcome examine(const Case& judged, const OpenedObject& object) {
  Outcome outcome;
  for (const seal::ObjectGrant& grant : object.object().grants) {
    outcome.objection = object_to_order(judged, object, grant);
    if (outcome.objection) return outcome;
    const OpenedDecision* first = judged.first_decision(grant.commitment);
    if (first == nullptr) {
      outcome.is_missing = true;
      continue;
    }
    outcome.objection = object_to_decision(judged, object, grant, *first);
    if (outcome.objection) return outcome;
  }
  const auto* signer = judged.first_decision(object.object().grants.front().commitment);
  if (signer != nullptr && !object.statement.verify(signer->decision.consent_key)) {
    outcome.objection =
        fmt::format("object {} is not signed with the key of its consent", object.index);
  }
  return outcome;
}

}  // namespace

Finding check_consent_before_object(const Case& judged) {
  Finding finding;
  finding.check = "consent-before-object";
  std::uint64_t examined = 0;
  std::uint64_t missing = 0;
  std::uint64_t violating = 0;
  for (const auto& [position, sampled] : judged.objects) {
    if (!sampled.is_answered) {
      ++missing;
      continue;
    }
    ++examined;
    Outcome outcome;
    if (sampled.opened) {
      outcome = examine(judged, *sampled.opened);
    } else {
      outcome.objection = fmt::format("object {}: {}", sampled.index, sampled.problem);
    }
    if (outcome.objection) {
      ++violating;
      refute(finding, *outcome.objection, sampled.index);
    } else if (outcome.is_missing) {
      ++missing;
    }
  }
  finding.sample = object_sample(judged, examined, violating);
  settle(judged, finding, Verdict::consistent_with, missing,
         "every opened object names consents logged before it, in force, for its categories");
  return finding;
}

}  // namespace amanat::regulator
