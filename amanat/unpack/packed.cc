// Programs for Windows that a packer hides: its stub is run until the program stands in memory.

#include <algorithm>

#include "amanat/emulate/emulate.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {

bool unpack_packed(ByteView object, Walk& walk) {
  if (!emulate::looks_packed(object)) return false;
  const Allowance allowance = walk.budget.allowance(object.size());
  const emulate::Limits defaults;
  const emulate::Limits limits{
      .steps_max = walk.budget.limits().stub_steps_max,
      .memory_bytes_max = std::min(defaults.memory_bytes_max, allowance.bytes),
      .program_bytes_max = std::min(defaults.program_bytes_max, allowance.bytes)};
  const emulate::Unpacked unpacked =
      emulate::unpack_program(object, limits, [&walk] { return walk.budget.has_time(); });
  if (unpacked.program.empty()) return false;
  const bool is_whole = unpacked.end == emulate::Unpacked::End::program;
  walk.budget.hold(unpacked.program.size());
  walk.give({.name = "unpacked",
             .packed_size = object.size(),
             .size = unpacked.program.size(),
             .kind = Kind::pe_memory},
            is_whole ? End::whole : End::unsupported, unpacked.program);
  walk.budget.give_back(unpacked.program.size());
  return true;
}

}  // namespace amanat::unpack
