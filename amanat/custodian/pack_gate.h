#pragma once

// May this pack be kept? The same questions before its body is read, when its row is written, and
// when a commit makes it part of the vault (docs/api.md §5, steps 3 and 5).

#include "amanat/clock/clock.h"
#include "amanat/consent/law.h"
#include "amanat/custodian/statements.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

/// Asks the grants and the gate; the signature was verified before.
///
///   fails   not_found      a grant is not this account's
///           invalid_input  a grant is of another category or purpose, or it was sealed outside
///                          the grant's time
///           denied         the gate says no, and why
Result<> check_grants(store::Database& database, const consent::LawPack& law,
                      const seal::AccountId& account, const seal::Object& object, Instant now);

/// The same, after the signature: forged unless it is by the consent key of the first grant.
Result<> check_offer(store::Database& database, const consent::LawPack& law,
                     const seal::AccountId& account, const ObjectEvent& pack, Instant now);

/// Whether the account still has room for it; denied when not.
Result<> check_quota(store::Database& database, const seal::AccountId& account,
                     std::uint32_t frames);

}  // namespace amanat::custodian
