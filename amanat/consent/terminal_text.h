#pragma once

// Text on a terminal: what may be shown safely, how wide it is, where lines break.

#include <cstddef>
#include <string>
#include <string_view>

namespace amanat::consent {

/// Whether text of others may be shown as it is: UTF-8 without control characters, and without the
/// invisible ones that reorder what a reader sees.
bool is_showable(std::string_view text);

/// Columns that UTF-8 text takes: one a character, none for marks that sit on the one before, two
/// for the wide ones of East Asia.
std::size_t columns_of(std::string_view text);

/// Breaks `text` at spaces into lines of at most `width` columns; a longer word gets a line of its
/// own. The first line opens with `first`, the others with as many spaces; each ends in a line
/// feed.
std::string wrap_text(std::string_view text, std::string_view first, std::size_t width);

}  // namespace amanat::consent
