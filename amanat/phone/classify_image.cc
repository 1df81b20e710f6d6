// Pictures that are a list of segments, chunks or directories. A place is looked for where cameras
// write it: EXIF and XMP. A motion photo is a photo with a film behind it, and the film may name
// a place of its own.

#include <algorithm>
#include <charconv>

#include "amanat/phone/box_media.h"
#include "amanat/phone/classify_parts.h"
#include "amanat/phone/place.h"

namespace amanat::phone {
namespace {

using consent::Category;
using consent::CategorySet;

constexpr unsigned kSegmentsMax = 1024;
constexpr unsigned kChunksMax = 4096;
constexpr std::string_view kExifMark{"Exif\0\0", 6};
constexpr std::string_view kXmpMark{"http://ns.adobe.com/xap/1.0/\0", 29};
constexpr std::string_view kXmpMoreMark{"http://ns.adobe.com/xmp/extension/\0", 35};

Classification photo(std::string kind, bool has_place) {
  CategorySet categories{Category::photos};
  if (has_place) categories.insert(Category::location);
  return {categories, std::move(kind)};
}

std::string read_text(Window& window, std::uint64_t offset, std::uint64_t size) {
  const auto bytes =
      window.read(offset, static_cast<std::size_t>(std::min<std::uint64_t>(size, kXmpBytesMax)));
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

// The number after `name="` that stands nearest behind `from`.
std::uint64_t xmp_number(std::string_view xmp, std::string_view name, std::size_t from) {
  const std::size_t at = xmp.find(name, from);
  if (at == std::string_view::npos) return 0;
  const std::string_view rest = xmp.substr(at + name.size());
  const std::size_t digits = rest.find_first_of("0123456789");
  if (digits == std::string_view::npos || digits > 3) return 0;
  std::uint64_t value = 0;
  std::from_chars(rest.data() + digits, rest.data() + rest.size(), value);
  return value;
}

// How many bytes at the end of a motion photo are its film, by its XMP: 0 when it has none.
std::uint64_t film_size(std::string_view xmp) {
  if (const auto old = xmp_number(xmp, "MicroVideoOffset", 0); old != 0) return old;
  const std::size_t mime = xmp.find("video/mp4");
  if (mime == std::string_view::npos) return 0;
  const std::size_t item = xmp.rfind("Container:Item", mime);
  return xmp_number(xmp, "Item:Length", item == std::string_view::npos ? mime : item);
}

bool film_behind_names_place(Window& window, std::string_view xmp) {
  const std::uint64_t size = film_size(xmp);
  if (size < 16 || size >= window.size()) return false;
  return read_boxes(window, window.size() - size, window.size()).place;
}

// ITU-T T.81 Annex B: FF, marker, length with itself; APP1 holds EXIF or XMP.
Classification read_jpeg(Window& window) {
  bool place = false;
  std::uint64_t at = 2;
  for (unsigned i = 0; i < kSegmentsMax && !place; ++i) {
    const auto marker = window.big(at, 2);
    if (!marker || *marker >> 8U != 0xFF) break;
    if (*marker == 0xFFFF) {  // padding
      ++at;
      continue;
    }
    if (*marker == 0xFFD9 || *marker == 0xFFDA) break;
    const auto length = window.big(at + 2, 2);
    if (!length || *length < 2) break;
    if (*marker == 0xFFE1) {
      const std::uint64_t body = at + 4;
      if (window.has(body, kExifMark) && *length > 8) {
        place = tiff_names_place(window, body + 6, *length - 8);
      } else if (window.has(body, kXmpMark) || window.has(body, kXmpMoreMark)) {
        const std::string xmp = read_text(window, body, *length - 2);
        place = xmp_names_place(xmp) || film_behind_names_place(window, xmp);
      }
    }
    at += 2 + *length;
  }
  return photo("jpeg", place);
}

// PNG 3rd edition §5: length, type, data, CRC.
Classification read_png(Window& window) {
  bool place = false;
  std::uint64_t at = 8;
  for (unsigned i = 0; i < kChunksMax && !place; ++i) {
    const auto length = window.big(at, 4);
    if (!length || window.has(at + 4, "IEND")) break;
    if (window.has(at + 4, "eXIf")) place = tiff_names_place(window, at + 8, *length);
    if (window.has(at + 4, "iTXt") && window.has(at + 8, "XML:com.adobe.xmp")) {
      place = xmp_names_place(read_text(window, at + 8, *length));
    }
    at += 12 + *length;
  }
  return photo("png", place);
}

// RFC 9649: RIFF chunks; some writers leave the JPEG mark before the EXIF.
Classification read_webp(Window& window) {
  bool place = false;
  std::uint64_t at = 12;
  for (unsigned i = 0; i < kChunksMax && !place; ++i) {
    const auto length = window.little(at + 4, 4);
    if (!length) break;
    if (window.has(at, "EXIF")) {
      const std::uint64_t skip = window.has(at + 8, kExifMark) ? 6 : 0;
      if (*length > skip) place = tiff_names_place(window, at + 8 + skip, *length - skip);
    }
    if (window.has(at, "XMP ")) place = xmp_names_place(read_text(window, at + 8, *length));
    at += 8 + *length + (*length & 1U);
  }
  return photo("webp", place);
}

bool is_tiff(Window& window) {
  using namespace std::string_view_literals;
  return window.has(0, "II*\0"sv) || window.has(0, "MM\0*"sv) || window.has(0, "II+\0"sv)
         || window.has(0, "MM\0+"sv) || window.has(0, "IIU\0"sv) || window.has(0, "IIRO"sv);
}

bool is_bmp(Window& window) {
  if (!window.has(0, "BM")) return false;
  const auto header = window.little(14, 4);
  const auto pixels = window.little(10, 4);
  return header && pixels && (*header == 12 || (*header >= 40 && *header <= 124)) && *pixels < 4096;
}

}  // namespace

MaybeClass classify_image(Window& window) {
  using namespace std::string_view_literals;
  if (window.has(0, "\xFF\xD8\xFF"sv)) return read_jpeg(window);
  if (window.has(0, "\x89PNG\r\n\x1A\n"sv)) return read_png(window);
  if (window.has(0, "RIFF"sv) && window.has(8, "WEBP"sv)) return read_webp(window);
  if (is_tiff(window)) return photo("tiff", tiff_names_place(window, 0, window.size()));
  if (window.has(0, "GIF87a"sv) || window.has(0, "GIF89a"sv)) {
    return photo("gif", xmp_names_place(as_text(window.head())));
  }
  if (window.has(0, "\xFF\x0A"sv) && window.size() > 16) return photo("jxl", false);
  if (window.has(0, "\0\0\1\0"sv) && window.big(5, 1) == 0 && window.has(9, "\0"sv)) {
    return photo("ico", false);
  }
  if (window.has(0, "8BPS\0\1"sv)) return photo("psd", xmp_names_place(as_text(window.head())));
  if (is_bmp(window)) return photo("bmp", false);
  return std::nullopt;
}

}  // namespace amanat::phone
