#pragma once

// Tells text from other bytes, and gives all of it as UTF-8.

#include <optional>
#include <string>

#include "amanat/bytes/bytes.h"

namespace amanat::phone {

/// The bytes as UTF-8 without its byte order mark. UTF-16 with a mark is converted; eight-bit text
/// that is mostly ASCII stays as it is. Nothing when the bytes are no text.
///
///   complete   whether these are all bytes of the file: else a character may be cut at the end
std::optional<std::string> read_text(ByteView bytes, bool complete);

}  // namespace amanat::phone
