#pragma once

#include <string_view>

namespace amanat::note {

/// Whether a note may hold this text: valid UTF-8, and no ASCII control character but the newline.
bool is_note_text(std::string_view text);

/// Whether a key may have this name: not empty, and without Unicode spaces, control characters and
/// plus signs.
bool is_key_name(std::string_view name);

}  // namespace amanat::note
