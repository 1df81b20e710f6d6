#pragma once

// The conditions of a logical signature that do not ask about bytes.

#include "amanat/signature/offset.h"
#include "amanat/threat/tables.h"
#include "amanat/threat/threat.h"

namespace amanat::threat {

/// Whether they hold for an object of `size` bytes.
bool conditions_hold(const ConditionsRow& row, std::uint64_t size, const ObjectFacts& facts);

/// Positions of an executable as offsets count them.
signature::Layout layout_of(const program::Executable& executable);

}  // namespace amanat::threat
