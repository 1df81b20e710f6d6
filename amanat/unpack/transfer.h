#pragma once

// Bytes written as text, read as generously as mail programs read them: what does not belong is
// passed over, because a stranger who breaks the rules a little must not hide behind them.

#include <string_view>

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Base64 of either alphabet, up to the padding that ends it; false when the output is full.
bool decode_base64(std::string_view text, Output& output);

/// Quoted-printable (RFC 2045 §6.7); false when the output is full.
bool decode_quoted_printable(std::string_view text, Output& output);

/// Percent signs (RFC 3986 §2.1); false when the output is full.
bool decode_percent(std::string_view text, Output& output);

/// The value of a hexadecimal digit of either case; 16 for anything else.
std::uint8_t hex_digit(char c);

/// A block from its "begin" line on; false when the output is full.
bool decode_uuencoded(std::string_view block, Output& output);

/// Whether `text` begins with `small`, whatever the case of its ASCII letters; `small` has none.
bool begins_with_nocase(std::string_view text, std::string_view small);

/// Where `small` stands next in `text`, whatever the case; npos when nowhere.
std::size_t find_nocase(std::string_view text, std::string_view small, std::size_t at = 0);

}  // namespace amanat::unpack
