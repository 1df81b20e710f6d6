#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
void unpack_chm(ByteView, Walk& walk) { walk.outcome.note(End::unsupported, "not yet"); }
}  // namespace amanat::unpack
