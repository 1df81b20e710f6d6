#pragma once

// The conditions of a logical signature that do not ask about bytes.

#include "amanat/signature/offset.h"
#include "amanat/threat/tables.h"
#include "amanat/threat/threat.h"

namespace amanat::threat {

/// Whether they hold for `size` bytes that are compared; of a normal form the size of the object
/// itself may fit as well, which `facts` tell.
bool conditions_hold(const ConditionsRow& row, std::uint64_t size, const ObjectFacts& facts);

/// Positions of an executable as offsets count them.
signature::Layout layout_of(const program::Executable& executable);

}  // namespace amanat::threat
