#pragma once

// The readers behind read_executable, one per format; `bytes` is known to begin with the magic
// number of the format.

#include <string_view>
#include <vector>

#include "amanat/program/executable.h"

namespace amanat::program {

Result<Executable> read_elf(ByteView file);
Result<Executable> read_pe(ByteView file);
Result<Executable> read_macho(ByteView file);

/// Where the version information's strings lie in a PE image whose sections are known.
std::vector<std::uint32_t> find_version_info(ByteView file, const Executable& image);

/// The bytes up to the first zero, as a name.
std::string name_from(ByteView field);

}  // namespace amanat::program
