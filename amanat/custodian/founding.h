#pragma once

// The first entries of a log, and the notices that join them when the maker's facts or our texts
// change: written in one transaction before anybody is served.

#include "amanat/clock/clock.h"
#include "amanat/custodian/folder.h"
#include "amanat/custodian/settings.h"
#include "amanat/error/error.h"
#include "amanat/store/sqlite.h"
#include "amanat/tlog/ledger.h"

namespace amanat::custodian {

/// Founds an empty log, or checks that this one is the policy's, and publishes what is new.
///
///   fails   corrupt when entry 0 names another policy or origin
Result<> bring_up_to_date(store::Database& database, tlog::Ledger& ledger, const Identity& identity,
                          const Settings& settings, Instant now);

}  // namespace amanat::custodian
