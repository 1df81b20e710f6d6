#pragma once

// Compiled AutoIt scripts (EA06) are lines of numbered words; signatures are written against the
// text that they become again.
//
//   script  = lines (32 bits), then that many lines, each ended by 7f
//   00 01   a keyword, a function: its number in 32 bits
//   05 10 20   a number: 32 bits, 64 bits, a double
//   30..37  a text: characters (32 bits), UTF-16 masked with their count; what it names by the code
//   40..58  an operator

#include <cstdint>
#include <string_view>

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

/// Writes the script that `words` stand for into `text`, each word with a space behind it, as
/// clamscan does. What comes before a word that is none is written: `damaged`.
End decompile_autoit(ByteView words, Output& text);

/// The names behind the numbers; empty for none.
std::string_view autoit_keyword(std::uint32_t number);
std::string_view autoit_function(std::uint32_t number);

}  // namespace amanat::unpack
