#pragma once

// The one spelling of each kind of value, so that equal things compare equal: hex in lower case,
// hosts in lower-case ASCII (IDNA names as `xn--...`, RFC 3492), addresses without spaces.

#include <optional>
#include <string>
#include <string_view>

#include "amanat/indicator/indicator.h"

namespace amanat::indicator {

inline constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 §2.3.4, without the last dot
inline constexpr std::size_t kLabelBytesMax = 63;

/// The value as it is kept and looked up; nothing when it cannot be one of this kind.
std::optional<std::string> spell(Kind kind, std::string_view value);

/// A host name: at least two labels, each 1 to 63 of letters, digits, '-' and '_', the last with a
/// letter. Upper case, other scripts, full-width dots and a last dot are brought into the one form.
std::optional<std::string> spell_host(std::string_view host);

/// Four numbers of 0 to 255 with dots, without leading zeros; or a version 6 address in lower case.
std::optional<std::string> spell_ip_address(std::string_view address);

/// Scheme and host in lower case, no fragment, no default port, no slash at the very end.
std::optional<std::string> spell_url(std::string_view url);

/// The host or address in a URL `scheme://user@host:port/...`, in its one form.
std::optional<std::string> host_of_url(std::string_view url);

/// The digits of a digest with or without colons and spaces between, in lower case; nothing unless
/// there are exactly `digits` of them.
std::optional<std::string> spell_hex(std::string_view text, std::size_t digits);

/// Without white space (and a byte order mark) at both ends.
std::string_view trim(std::string_view text);

}  // namespace amanat::indicator
