#pragma once

// Small files made by hand for the tests of this module: only what recognition looks at.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "amanat/phone/classify.h"

namespace amanat::phone::made {

inline std::string big(std::uint64_t value, unsigned width) {
  std::string bytes;
  for (unsigned i = width; i > 0; --i) bytes += static_cast<char>(value >> (8 * (i - 1)) & 0xFFU);
  return bytes;
}

inline std::string little(std::uint64_t value, unsigned width) {
  std::string bytes;
  for (unsigned i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  return bytes;
}

inline std::string zeros(std::size_t count) { return std::string(count, '\0'); }

/// What recognition says about these bytes: "photos+location jpeg".
inline std::string seen(std::string_view bytes) {
  const Classification found = classify(sample_of(as_bytes(bytes)));
  return found.categories.to_text() + ' ' + found.kind;
}

/// EXIF with a GPS directory: degrees of latitude and longitude, over this denominator.
inline std::string exif(std::uint32_t latitude, std::uint32_t longitude,
                        std::uint32_t denominator = 1) {
  const auto entry = [](unsigned tag, unsigned type, unsigned count, unsigned value) {
    return big(tag, 2) + big(type, 2) + big(count, 4) + big(value, 4);
  };
  const auto angle = [&](std::uint32_t degrees) {
    return big(degrees, 4) + big(denominator, 4) + big(0, 4) + big(1, 4) + big(0, 4) + big(1, 4);
  };
  std::string tiff = "MM" + big(42, 2) + big(8, 4);
  tiff += big(1, 2) + entry(0x8825, 4, 1, 26) + big(0, 4);                  // at 8
  tiff += big(2, 2) + entry(2, 5, 3, 56) + entry(4, 5, 3, 80) + big(0, 4);  // at 26
  tiff += angle(latitude) + angle(longitude);                               // at 56 and 80
  return tiff;
}

inline std::string xmp(std::string_view attributes) {
  return "<x:xmpmeta><rdf:Description " + std::string(attributes) + "/></x:xmpmeta>";
}

/// A JPEG of these APP1 segments.
inline std::string jpeg(std::initializer_list<std::string> segments) {
  std::string bytes = "\xFF\xD8\xFF\xE0" + big(7, 2) + "JFIF" + zeros(1);
  for (const std::string& segment : segments) {
    bytes += "\xFF\xE1" + big(segment.size() + 2, 2) + segment;
  }
  return bytes + "\xFF\xDA" + big(2, 2) + "pixels\xFF\xD9";
}

inline std::string jpeg_exif(const std::string& tiff) { return "Exif" + zeros(2) + tiff; }
inline std::string jpeg_xmp(const std::string& packet) {
  return "http://ns.adobe.com/xap/1.0/" + zeros(1) + packet;
}

/// A box of the ISO base media format.
inline std::string box(std::string_view type, const std::string& body) {
  return big(body.size() + 8, 4) + std::string(type) + body;
}

inline std::string handler(std::string_view type) {
  return box("hdlr", zeros(8) + std::string(type) + zeros(13));
}

inline std::string track(std::string_view type) { return box("trak", box("mdia", handler(type))); }

inline std::string file_type(std::string_view brand) {
  return box("ftyp", std::string(brand) + zeros(4));
}

}  // namespace amanat::phone::made
