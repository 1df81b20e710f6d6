#pragma once

// Text from programs as UTF-8. Every function takes any bytes: what is not Unicode becomes U+FFFD.

#include <cstdint>
#include <string>

#include "amanat/bytes/bytes.h"

namespace amanat::program {

/// Appends one code point; a surrogate or a number above U+10FFFF becomes U+FFFD.
void append_utf8(std::string& text, std::uint32_t code_point);

/// Text in 16-bit units, little-endian, until it has `size_max` bytes of UTF-8. A trailing odd byte
/// is left out.
std::string utf8_from_utf16(ByteView units, std::size_t size_max);

/// Text in the modified UTF-8 of Java: U+0000 in two bytes, and above U+FFFF two surrogates of
/// three bytes each.
std::string utf8_from_modified(ByteView bytes, std::size_t size_max);

/// Text that claims to be UTF-8.
std::string utf8_from_untrusted(ByteView bytes, std::size_t size_max);

}  // namespace amanat::program
