#pragma once

// Host names in any script as the ASCII that the network sees (IDNA, RFC 3490 §4; Punycode,
// RFC 3492). Letters are folded by the rules of Latin, Greek and Cyrillic only: that covers the
// look-alikes that phishing uses, not all of Unicode.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amanat::indicator {

/// The characters of UTF-8 text; nothing when it is not UTF-8.
std::optional<std::u32string> read_utf8(std::string_view text);

/// The character in lower case; full-width letters and dots become ASCII.
char32_t fold(char32_t character);

/// Punycode of one label that is not all ASCII, without the `xn--` in front.
std::string encode_punycode(std::u32string_view label);

}  // namespace amanat::indicator
