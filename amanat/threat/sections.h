#pragma once

// The names of the sections of a threat database. A number is never used again for something else.

#include "amanat/threat/image.h"

namespace amanat::threat::section {

inline constexpr SectionName kStrings{1, 0};
inline constexpr SectionName kSources{2, 0};

// Hashes: the part is role · 3 + kind of digest (known_hashes.h).
inline constexpr std::uint32_t kHashSizes = 16;
inline constexpr std::uint32_t kHashIndex = 18;
inline constexpr std::uint32_t kHashDigests = 19;
inline constexpr std::uint32_t kHashRows = 20;
inline constexpr std::uint32_t kHashSizeFilter = 21;

// Signatures over bytes (tables.h).
inline constexpr SectionName kSignatures{32, 0};
inline constexpr SectionName kSubsignatures{33, 0};
inline constexpr SectionName kOffsets{34, 0};
inline constexpr SectionName kConditions{35, 0};
inline constexpr SectionName kPatternPlaces{36, 0};
inline constexpr SectionName kPatterns{37, 0};
inline constexpr SectionName kCodePlaces{38, 0};
inline constexpr SectionName kCode{39, 0};
inline constexpr SectionName kMembers{40, 0};

// What anchors stand for.
inline constexpr SectionName kIndex{48, 0};
inline constexpr SectionName kAnchorUses{49, 0};
inline constexpr SectionName kUses{50, 0};
inline constexpr SectionName kUsers{51, 0};

// What an object of one target is compared with: the part is the target.
inline constexpr std::uint32_t kCovered = 52;
inline constexpr std::uint32_t kWithoutAnchor = 53;
inline constexpr std::uint32_t kMacros = 54;

// What was compiled and what was left out (report.h).
inline constexpr SectionName kReport{64, 0};

}  // namespace amanat::threat::section
