#pragma once

// A pattern before it is read: the engine rewrites its text, and its oddities come from the order
// in which it does. Modifiers double bytes and add boundaries, short exact gaps become ?? bytes,
// then the text is cut into parts; pattern_parser.cc reads each for itself.

#include <string>
#include <string_view>
#include <vector>

#include "amanat/signature/body.h"

namespace amanat::signature {

/// Turns [x-y] into {x-y}: a byte beside a part has two bytes once bytes are doubled or (W) is
/// added.
std::string near_to_gap(std::string_view text);

/// Writes 00 behind every byte; what is no byte stays as it is.
Parsed<std::string> widen(std::string_view text);

/// Writes gaps of an exact, small size out as ??, as long as the first gap of the text is such a
/// one.
Parsed<std::string> write_out_gaps(std::string text);

/// A pattern's text, cut at its gaps. Borrows.
struct Cut {
  std::vector<std::string_view> parts;
  std::vector<Gap> gaps;
};
Parsed<Cut> cut_into_parts(std::string_view text);

}  // namespace amanat::signature
