#pragma once

// Programs made of AutoIt scripts: the script and the files that go with it lie behind the
// interpreter, masked and packed.

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Gives the script, as text again, and the files of a program made by AutoIt 3 (EA05, EA06);
/// nothing when `object` has no mark of them.
void unpack_autoit(ByteView object, Walk& walk);

}  // namespace amanat::unpack
