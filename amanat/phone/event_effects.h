#pragma once

// What acknowledged events of consent mean to the phone's records. A receipt and its meaning are
// kept in one transaction, so that neither a lost answer nor a kill can part them.

#include "amanat/error/error.h"
#include "amanat/phone/phone_records.h"

namespace amanat::phone {

/// Keeps an event's receipt and applies what the event means, or does neither:
///
///   consent_grant        the gate knows the grant
///   consent_withdraw     the grant is withdrawn, and its withdrawal is under way
///   withdraw_cancelled   the grant is given again; its row under `withdrawals` stays until the
///                        keyring has the key again
///   erasure_receipt      the withdrawal is over
Result<> keep_acknowledged(PhoneRecords& records, std::uint64_t label_index,
                           const tlog::Receipt& receipt);

/// Applies the newest acknowledged event of each grant, where that is not done yet. What is in the
/// records already stays as it is.
Result<> apply_missing_effects(PhoneRecords& records);

}  // namespace amanat::phone
