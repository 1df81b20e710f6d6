#pragma once

// Follows one grant through its decisions: given, renewed, withdrawn, perhaps cancelled in time.
//
// Phone, custodian and verifier fold the same decisions into the same record, and then ask the
// gate. A decision that does not follow from the record is `conflict`: read again, then decide.
//
//   given -> renewed -> … -> withdrawn -> withdraw-cancelled (within the waiting time) -> …
//                         -> revoked, which is final

#include <chrono>

#include "amanat/consent/decision.h"
#include "amanat/consent/gate.h"
#include "amanat/error/error.h"

namespace amanat::consent {

/// After this time a withdrawal can no longer be cancelled (docs/api.md §5).
inline constexpr std::chrono::hours kWithdrawalWait{72};

/// The record of a first decision: given or refused; invalid_input for any other.
///
///   grant   the commitment of the event that carries the decision
Result<GrantRecord> begin_grant(const GrantId& grant, const Decision& first);

/// Applies a later decision of the same grant.
///
///   fails   invalid_input when it is a first decision, or names another grant, category or purpose
///           conflict when the state does not allow it: a refusal or revocation is final, only what
///           is given can be renewed or withdrawn, only a withdrawal less than 72 h old cancelled,
///           and no decision is older than the one before it
Result<> apply_decision(GrantRecord& grant, const Decision& later);

}  // namespace amanat::consent
