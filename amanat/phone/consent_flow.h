#pragma once

// Asks the person: one question for each category, after the itemised notice, nothing chosen
// beforehand. Anything but a yes is a no; leaving is a no to what was not answered yet, and nothing
// is recorded for it, so that it can be asked again.

#include <optional>
#include <string>
#include <vector>

#include "amanat/consent/category.h"
#include "amanat/consent/decision.h"
#include "amanat/error/error.h"
#include "amanat/phone/session.h"
#include "amanat/phone/terminal.h"

namespace amanat::phone {

struct ConsentOptions {
  std::optional<consent::CategorySet> grant;  // for scripts: exactly these, without questions
  std::string language = "en";
  consent::AgeClass age_class = consent::AgeClass::not_stated;
};

struct ConsentReport {
  consent::CategorySet given;    // now
  consent::CategorySet refused;  // now
  consent::CategorySet active;   // after this
};

/// Shows the notice, takes the answers, logs each, and makes keys for what was given.
///
///   fails   denied when nobody can be asked and nothing is named; not_found when the custodian has
///           no notice in this language; as the custodian answers
Result<ConsentReport> ask_consent(Session& session, const ConsentOptions& options,
                                  Terminal& terminal);

/// Makes grant keys for consents that are logged and have none yet: what an earlier command that
/// was cut off did not get to.
Result<> complete_grants(Session& session);

}  // namespace amanat::phone
