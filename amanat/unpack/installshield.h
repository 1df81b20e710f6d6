#pragma once

// InstallShield's installers: a program with its files behind it, as they are or packed.

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Gives the files behind the program that ends at `end`, and those in the cabinet among them.
void unpack_installshield(ByteView object, std::uint64_t end, Walk& walk);

}  // namespace amanat::unpack
