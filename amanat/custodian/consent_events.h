#pragma once

// What an answer of a person does to a grant: the states of docs/api.md §5, step 2.
//
//   given ──withdrawn──▶ withdrawn ──72 h, or a confirmed keyring──▶ its packs are erased
//     ▲ ╰─renewed─╯          │
//     ╰──withdraw-cancelled──╯     (before that, and while no other grant took its place)

#include "amanat/custodian/sequencer.h"
#include "amanat/custodian/statements.h"
#include "amanat/error/error.h"

namespace amanat::custodian {

/// Checks one event that was not logged before against the records, changes them and logs it.
///
///   fails   denied      its notice was never published here in that language for that purpose
///           stale       decided too long ago
///           invalid_input  decided in the future, or about another category than its grant
///           not_found   the grant is not this account's
///           forged      signed by another key than the grant's
///           conflict    the grant's state does not allow it
Result<> apply_consent_event(Turn& turn, const seal::AccountId& account, const PostedEvent& posted);

}  // namespace amanat::custodian
