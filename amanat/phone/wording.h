#pragma once

// Numbers and names as a person reads them.

#include <cstdint>
#include <string>
#include <string_view>

namespace amanat::phone {

/// "0 B", "999 B", "1.2 kB", "34 MB", "1.7 GB": powers of 1000.
std::string bytes_in_words(std::uint64_t bytes);

/// "1 file", "2 files", "12,345 files".
std::string count_in_words(std::uint64_t count, std::string_view one, std::string_view many);

/// A file's name as it may be shown: control characters and what is no UTF-8 become \xNN, so that a
/// name can neither move the cursor nor break JSON.
std::string printable(std::string_view name);

}  // namespace amanat::phone
