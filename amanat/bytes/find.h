#pragma once

// Where bytes first occur in others: 64 positions are asked for the first and the last byte at
// once, so that short words that files are full of ("MZ") cost no more than rare ones.

#include <cstdint>
#include <optional>

#include "amanat/bytes/bytes.h"

namespace amanat {

/// The first place at or behind `from`; the empty string is everywhere.
std::optional<std::size_t> find_bytes(ByteView text, ByteView words, std::size_t from = 0);

}  // namespace amanat
