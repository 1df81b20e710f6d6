#pragma once

// Scripts as signatures expect them: in small letters, without comments and white space that means
// nothing, strings in one kind of quotes, joined and decoded, variables called n000, n001, …

#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// Of longer scripts only so much is normalised; a page without comments holds all of them.
inline constexpr std::size_t kScriptBytesMax = 4UL << 20;

/// Appends `<script>` and the normal form of `script`, which ends in `</script>`, behind a line
/// feed when other scripts are there.
///
///   script    with its end tag, where it has one
void append_script(std::string_view script, Bytes& normal);

}  // namespace amanat::unpack
