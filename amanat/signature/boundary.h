#pragma once

// Which bytes part words: what (B), (L) and (W) ask of the byte beside a part, or inside one.
//
//   (B)   left of a part   space - . / < @ _
//         right            space LF CR " ' - / = > _
//         inside           any of these
//   (L)   left: LF; right and inside: LF or CR LF
//   (W)   what is no ASCII letter or digit; in a wide pattern, no letter or digit with a zero
//   behind
//
// Outside the text everything is a boundary. These are the tables of ClamAV's engine, which cuts
// large files into windows and takes their ends for boundaries too: that is not repeated here.

#include <cstdint>
#include <optional>

#include "amanat/signature/body.h"

namespace amanat::signature {

/// Whether a part that begins at `begin` may have this at its left end, or at `end` at its right.
bool fits_left(const Boundary& boundary, bool wide, ByteView text, std::uint64_t begin);
bool fits_right(const Boundary& boundary, bool wide, ByteView text, std::uint64_t end);

/// How many bytes it takes at `position` inside a part: 1, or 2 for CR LF; nothing when it does not
/// fit. `position` is inside the text.
std::optional<std::uint64_t> fits_inside(const Boundary& boundary, ByteView text,
                                         std::uint64_t position);

}  // namespace amanat::signature
