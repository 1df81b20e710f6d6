#pragma once

// Character references of HTML.

#include <cstdint>
#include <optional>
#include <string_view>

namespace amanat::unpack {

/// A reference at the beginning of `text`, which begins with `&`.
struct Reference {
  std::uint32_t character = 0;
  std::size_t size = 0;    // in bytes of text, with what ends it
  bool is_closed = false;  // by a semicolon
};

/// Reads `&#65;`, `&#x41;`, `&eacute;`; nothing when it is none that we know. Numbers end at the
/// first other character, names must be closed.
std::optional<Reference> read_reference(std::string_view text);

}  // namespace amanat::unpack
