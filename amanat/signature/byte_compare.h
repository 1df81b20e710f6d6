#pragma once

// Reads and compares the number of a byte comparison.
//
// As text the number may have white space in front and, in base 16, a sign or 0x; reading stops at
// the first character that is no digit, and no digit at all is 0. `e` asks that all of `size` bytes
// were digits. Little-endian hexadecimal text has its pairs of digits turned round. A number at the
// very beginning of the text is never compared: that is ClamAV's guard against underflow.

#include <cstdint>
#include <optional>

#include "amanat/signature/logical.h"

namespace amanat::signature {

/// The number that stands in `bytes`; nothing when it does not fit 63 bits or is not exact.
std::optional<std::int64_t> read_number(const ByteCompare& compare, ByteView bytes);

/// Whether all tests hold, given where the last match of the other subsignature begins.
bool holds_at(const ByteCompare& compare, ByteView text, std::uint64_t reference);

}  // namespace amanat::signature
