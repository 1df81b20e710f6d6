#pragma once

// The names of the sections of a threat database. A number is never used again for something else.

#include "amanat/threat/image.h"

namespace amanat::threat::section {

inline constexpr SectionName kStrings{1, 0};
inline constexpr SectionName kSources{2, 0};

// Hashes: the part is role · 3 + kind of digest (known_hashes.h).
inline constexpr std::uint32_t kHashSizes = 16;
inline constexpr std::uint32_t kHashFilter = 17;
inline constexpr std::uint32_t kHashIndex = 18;
inline constexpr std::uint32_t kHashDigests = 19;
inline constexpr std::uint32_t kHashRows = 20;

}  // namespace amanat::threat::section
