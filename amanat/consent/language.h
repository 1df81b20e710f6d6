#pragma once

// Language tags (BCP 47, RFC 5646) as notices and decisions carry them.

#include <cstddef>
#include <string_view>

namespace amanat::consent {

inline constexpr std::size_t kLanguageBytesMin = 2;
inline constexpr std::size_t kLanguageBytesMax = 35;

/// Whether `tag` has the form of a language tag: a language of 2 to 8 letters, then subtags of 1 to
/// 8 letters or digits, joined by hyphens; 2 to 35 bytes. Whether such a language exists is not
/// asked.
bool is_language_tag(std::string_view tag);

}  // namespace amanat::consent
