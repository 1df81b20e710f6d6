#pragma once

// Which compartment an item belongs to: the one of this device whose grants are exactly those that
// cover the item's categories.

#include <map>
#include <set>
#include <span>
#include <vector>

#include "amanat/consent/gate.h"
#include "amanat/error/error.h"
#include "amanat/phone/session.h"

namespace amanat::phone {

using GrantSet = std::vector<consent::GrantId>;  // registry order

/// The open compartment of `device` for custody under exactly these grants; nullptr when none.
const seal::KeyringCompartment* find_compartment(const seal::KeyringBody& body,
                                                 const seal::DeviceId& device,
                                                 const GrantSet& grants);

/// Whether the newest keyring can seal under all of these grants. It cannot when another device
/// withdrew one of them, whatever the records here say.
bool has_keys(const seal::KeyringBody& body, const GrantSet& grants);

/// This device's compartments that a withdrawal is about to close. Until it is complete they stay
/// as they are, in phone.db and in each snapshot, so that cancelling it brings all back; then
/// `PhoneRecords::forget_compartment` ends them.
Result<std::set<seal::CompartmentId>> held_compartments(Session& session);

/// Makes the compartments that are missing, all in one keyring version; none when none is missing.
Result<> make_compartments(Session& session, std::span<const GrantSet> wanted);

/// The gate for one run: asks each set of categories once.
class RunGate {
 public:
  static Result<RunGate> open(Session& session);
  /// Lives as long as this.
  const consent::GateAnswer& decide(consent::CategorySet categories);

 private:
  RunGate(const consent::LawPack& law, std::vector<consent::GrantRecord> records,
          consent::AgeClass age, Instant now)
      : law_(&law), records_(std::move(records)), age_(age), now_(now) {}

  const consent::LawPack* law_;
  std::vector<consent::GrantRecord> records_;
  consent::AgeClass age_;
  Instant now_;
  std::map<std::string, consent::GateAnswer> answers_;
};

}  // namespace amanat::phone
