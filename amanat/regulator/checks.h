#pragma once

// The checks, one file each, named as in controls/controls.json. Each is a pure function of the
// case; controls.h says what each cannot show.

#include "amanat/regulator/case.h"
#include "amanat/regulator/verdict.h"

namespace amanat::regulator {

/// The signed checkpoint names exactly these entries; the log is decent; what was seen before, by
/// this verifier or by phones, is a beginning of it.
Finding check_log_consistency(const Case& judged);

/// Every sampled object is under consents that were logged before it, for its categories and its
/// purpose, in force when it was sealed, and signed with the key of the first.
Finding check_consent_before_object(const Case& judged);

/// Every opened decision is signed, complete, of its entry's type, and by its grant's own key.
Finding check_receipt_validity(const Case& judged);

/// Every notice in the log is whole and unchanged, and was there before any decision that names it.
Finding check_notice_schema(const Case& judged);

/// No sampled object entered the log while one of its consents was withdrawn.
Finding check_post_withdrawal_activity(const Case& judged);

/// Headers and leaves of sampled packs look sealed.
Finding check_sealed_sample(const Case& judged);

/// What this verifier's own handshakes showed.
Finding check_tls_probe(const Case& judged);

/// Everything the custodian says about the place agrees.
Finding check_bucket_location(const Case& judged);

/// Drawn leaves lead to the pack ids in the log.
Finding check_storage_challenge(const Case& judged);

/// Erasures open to what a person signed, and none is overdue.
Finding check_erasure(const Case& judged);

Finding check_feed_freshness(const Case& judged);

/// Settles a sampled finding that nothing refuted: `good` when all was answered.
///
///   missing   how many of the sample were not answered
void settle(const Case& judged, Finding& finding, Verdict good, std::uint64_t missing,
            std::string reason);

/// The sample of objects, for findings about them: `examined` of them were looked at.
Sample object_sample(const Case& judged, std::uint64_t examined, std::uint64_t violating);

}  // namespace amanat::regulator
