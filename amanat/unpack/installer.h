#pragma once

// Installers that are a program with their files behind it: NSIS and two of InstallShield's.

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Looks for the files of an installer behind the program that ends at `end`.
void unpack_installer(ByteView object, std::uint64_t end, Walk& walk);

}  // namespace amanat::unpack
