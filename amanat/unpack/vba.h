#pragma once

// The source of VBA macros [MS-OVBA], as it lies compressed in the streams of a project.

#include <cstdint>
#include <string>
#include <vector>

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Decompresses a container (§2.4.1) that begins at the start of `packed` into `output`; damaged
/// when it is none.
End decompress_vba(ByteView packed, Output& output);

/// A module as the project's `dir` stream lists it (§2.3.4.2.3.2).
struct VbaModule {
  std::string stream;        // the name of the stream its source lies in
  std::uint32_t offset = 0;  // where in it
};
inline constexpr std::size_t kVbaModulesMax = 4096;

/// The modules in a decompressed `dir` stream.
std::vector<VbaModule> read_vba_modules(ByteView dir);

/// Where in `stream` something lies that can only be the compressed source of a module, for
/// projects whose `dir` was taken away; npos when nowhere.
std::size_t find_vba_source(ByteView stream);

}  // namespace amanat::unpack
