#pragma once

// Files that must be on disk before the next step: each function returns when its part is done, or
// says what the system said.

#include <cstdint>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::phone {

/// The failure of the system call just made: not_found, denied, conflict when something has the
/// name already, otherwise unavailable. `doing` says what was done, without names of files.
std::unexpected<Error> fail_by_errno(std::string_view doing);

/// Writes all of `bytes` at `offset`.
Result<> write_at(int file, std::uint64_t offset, ByteView bytes);

/// Reads until `target` is full or the file ends; returns how many bytes.
Result<std::size_t> read_up_to(int file, std::uint64_t offset, ByteSpan target);

/// Returns when the content of a file, or the names in a folder, are on disk.
Result<> sync(int file);

}  // namespace amanat::phone
