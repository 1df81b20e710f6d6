#pragma once

// From a verdict to the quarantine.

#include <filesystem>
#include <string>

#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/indicator/explain.h"
#include "amanat/phone/quarantine.h"
#include "amanat/scan/verdict.h"

namespace amanat::phone {

/// What a threat of this class does to the person, and what to do.
const indicator::Explanation& explain(threat::Class threat_class);

struct ThreatPolicy {
  std::filesystem::path home;
  bool stalkerware_too = false;  // else it is told and stays: who installed it may be alerted
};

/// Puts a threat away that is still as it was when it was examined.
///
///   fails   denied when it is stalkerware and the policy leaves that alone
///           conflict when it has changed since: scan it again
///           as Quarantine::put_away
Result<PutAway> put_threat_away(const ThreatPolicy& policy, const std::filesystem::path& path,
                                const FileStamp& examined, const scan::Verdict& verdict,
                                Instant now);

}  // namespace amanat::phone
