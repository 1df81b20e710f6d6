#pragma once

// The verifier: gathers evidence from a custodian and judges it, with none of the custodian's code.

#include "amanat/regulator/bundle.h"
#include "amanat/regulator/evidence.h"
#include "amanat/regulator/gather.h"
#include "amanat/regulator/judge.h"
#include "amanat/regulator/memory.h"
#include "amanat/regulator/verdict.h"
