#pragma once

// Finds out whether metadata names a place: coordinates that are there and are not 0,0.

#include <cstdint>
#include <string_view>

#include "amanat/phone/sample.h"

namespace amanat::phone {

inline constexpr std::size_t kXmpBytesMax = 1024 * 1024;

/// EXIF: the TIFF structure that fills [base, base + size) has GPSLatitude and GPSLongitude in its
/// GPS directory (Exif 2.32 §4.6.6), or an XMP packet with both.
bool tiff_names_place(Window& window, std::uint64_t base, std::uint64_t size);

/// XMP: exif:GPSLatitude and exif:GPSLongitude with values, as attributes or elements.
bool xmp_names_place(std::string_view xmp);

/// ISO 6709 text as phones write it: `+37.4217-122.0834/`.
bool iso6709_names_place(std::string_view text);

}  // namespace amanat::phone
