#pragma once

// Grants that this phone did not make itself: what the gate needs of them comes from the keyring
// and the log (docs/format.md §12).

#include "amanat/error/error.h"
#include "amanat/phone/custodian_link.h"
#include "amanat/phone/phone_records.h"
#include "amanat/seal/keyring.h"

namespace amanat::phone {

/// Keeps what the gate needs of each grant of the keyring that phone.db does not know yet.
///
///   returns   those categories among them that are given
///   fails     forged when the custodian or its log does not know a grant of the keyring
Result<consent::CategorySet> remember_grants(PhoneRecords& records, CustodianLink& link,
                                             const seal::KeyringBody& body,
                                             const api::Heads& heads);

}  // namespace amanat::phone
