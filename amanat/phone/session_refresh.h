#pragma once

// Before a command works: what this phone left unsent goes out, and what other devices changed
// comes in. A device that did not learn of a withdrawal would keep, and could open, what was
// closed.

#include <vector>

#include "amanat/consent/category.h"
#include "amanat/error/error.h"
#include "amanat/phone/session.h"

namespace amanat::phone {

/// What a refresh changed on this phone.
struct RefreshReport {
  std::vector<consent::Category> withdrawn_elsewhere;
  std::vector<consent::Category> given_elsewhere;
  std::vector<consent::Category> completed;  // withdrawals that are over, wherever they were made
  std::vector<consent::Category> withdraw_again;  // a recovery with older words took them back
};

/// Sends what is pending, takes the newest keyring, applies consents and withdrawals made on other
/// devices, completes withdrawals that are due, and destroys what opened keyrings that have ended.
///
///   fails   unavailable when the custodian is away: nothing changed that cannot go on later
///           denied when another device removed this one
Result<RefreshReport> refresh_session(Session& session);

}  // namespace amanat::phone
