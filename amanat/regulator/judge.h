#pragma once

// Judges what was gathered: a pure function, so that anyone who holds the evidence reaches the same
// verdicts, years later and offline.
//
// Signed bytes refute; nothing else does. An answer that is missing, unsigned, late or too big
// leaves its check unanswered.

#include "amanat/error/error.h"
#include "amanat/regulator/evidence.h"
#include "amanat/regulator/verdict.h"

namespace amanat::regulator {

/// One finding for each check, in the order of `check_notes`.
///
///   fails   invalid_input when the policy is not the pinned one or cannot be read: then the
///           evidence is about nobody
Result<Report> judge(const Evidence& evidence);

}  // namespace amanat::regulator
