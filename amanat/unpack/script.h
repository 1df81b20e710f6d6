#pragma once

// Scripts as signatures expect them: small letters, one kind of quotes, no comments, no white space
// that means nothing, and "strings" + "put" + "together".

#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// Appends `<script>`, the normal form of `script` and `</script>`.
void append_script(std::string_view script, Bytes& normal);

}  // namespace amanat::unpack
