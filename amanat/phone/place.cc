#include "amanat/phone/place.h"

#include <algorithm>
#include <optional>

namespace amanat::phone {
namespace {

constexpr std::uint64_t kDirectoryEntriesMax = 1024;
constexpr std::uint64_t kTagXmp = 700;
constexpr std::uint64_t kTagGpsDirectory = 0x8825;
constexpr std::uint64_t kTagLatitude = 2;
constexpr std::uint64_t kTagLongitude = 4;
constexpr std::uint64_t kTypeRational = 5;
constexpr std::uint64_t kTypeSignedRational = 10;

bool has_digit_but_zero(std::string_view text) {
  return text.find_first_of("123456789") != std::string_view::npos;
}

// Degrees, minutes, seconds as fractions; 0/0 is how some writers leave a place out.
struct Angle {
  bool known = false;
  bool is_zero = true;
};

// One directory of a TIFF structure: entries of tag, type, count, value or offset.
class TiffReader {
 public:
  TiffReader(Window& window, std::uint64_t base, std::uint64_t size)
      : window_(window), base_(base), size_(size) {}

  bool open() {
    const auto order = number_big(0, 2);
    if (order == 0x4949)
      little_ = true;
    else if (order != 0x4D4D)
      return false;
    const auto first = number(4, 4);
    return first && read_first_directory(*first);
  }

  bool names_place() { return (gps_ != 0 && gps_names_place()) || xmp_has_place_; }

 private:
  std::optional<std::uint64_t> number_big(std::uint64_t at, unsigned width) {
    if (at > size_ || width > size_ - at) return std::nullopt;
    return window_.big(base_ + at, width);
  }
  std::optional<std::uint64_t> number(std::uint64_t at, unsigned width) {
    if (at > size_ || width > size_ - at) return std::nullopt;
    return little_ ? window_.little(base_ + at, width) : window_.big(base_ + at, width);
  }

  // Calls visit(tag, type, count, position of the value field) for each entry.
  template <class Visit>
  bool each_entry(std::uint64_t directory, Visit visit) {
    const auto count = number(directory, 2);
    if (!count) return false;
    for (std::uint64_t i = 0; i < std::min(*count, kDirectoryEntriesMax); ++i) {
      const std::uint64_t at = directory + 2 + i * 12;
      const auto tag = number(at, 2);
      const auto type = number(at + 2, 2);
      const auto values = number(at + 4, 4);
      if (!tag || !type || !values) return true;
      visit(*tag, *type, *values, at + 8);
    }
    return true;
  }

  bool read_first_directory(std::uint64_t directory) {
    return each_entry(
        directory, [&](std::uint64_t tag, std::uint64_t, std::uint64_t count, std::uint64_t value) {
          if (tag == kTagGpsDirectory) gps_ = number(value, 4).value_or(0);
          if (tag == kTagXmp && count > 4 && count <= kXmpBytesMax) read_xmp(value, count);
        });
  }

  void read_xmp(std::uint64_t value, std::uint64_t count) {
    const auto at = number(value, 4);
    if (!at || *at > size_ || count > size_ - *at) return;
    const auto xmp = window_.read(base_ + *at, static_cast<std::size_t>(count));
    if (xmp) xmp_has_place_ = xmp_has_place_ || xmp_names_place(as_text(*xmp));
  }

  bool gps_names_place() {
    Angle latitude;
    Angle longitude;
    each_entry(
        gps_, [&](std::uint64_t tag, std::uint64_t type, std::uint64_t count, std::uint64_t value) {
          if (type != kTypeRational && type != kTypeSignedRational) return;
          if (tag == kTagLatitude) latitude = read_angle(value, count);
          if (tag == kTagLongitude) longitude = read_angle(value, count);
        });
    return latitude.known && longitude.known && !(latitude.is_zero && longitude.is_zero);
  }

  Angle read_angle(std::uint64_t value, std::uint64_t count) {
    Angle angle;
    const auto at = number(value, 4);
    if (!at) return angle;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, 3); ++i) {
      const auto numerator = number(*at + i * 8, 4);
      const auto denominator = number(*at + i * 8 + 4, 4);
      if (!numerator || !denominator || *denominator == 0) continue;
      angle.known = true;
      if (*numerator != 0) angle.is_zero = false;
    }
    return angle;
  }

  Window& window_;
  std::uint64_t base_;
  std::uint64_t size_;
  bool little_ = false;
  std::uint64_t gps_ = 0;
  bool xmp_has_place_ = false;
};

// The value after `name="` or `name>`; empty when there is none.
std::string_view xmp_value(std::string_view xmp, std::string_view name) {
  for (std::size_t at = xmp.find(name); at != std::string_view::npos; at = xmp.find(name, at + 1)) {
    std::string_view rest = xmp.substr(at + name.size());
    const std::size_t start = rest.find_first_not_of(" \t\r\n=");
    if (start == std::string_view::npos) return {};
    const char mark = rest[start];
    if (mark != '"' && mark != '\'' && mark != '>') continue;  // GPSLatitudeRef
    rest.remove_prefix(start + 1);
    return rest.substr(0, rest.find_first_of(mark == '>' ? "<" : "\"'"));
  }
  return {};
}

}  // namespace

bool tiff_names_place(Window& window, std::uint64_t base, std::uint64_t size) {
  TiffReader reader(window, base, size);
  return reader.open() && reader.names_place();
}

bool xmp_names_place(std::string_view xmp) {
  const std::string_view latitude = xmp_value(xmp, "GPSLatitude");
  const std::string_view longitude = xmp_value(xmp, "GPSLongitude");
  if (latitude.empty() || longitude.empty()) return false;
  return has_digit_but_zero(latitude) || has_digit_but_zero(longitude);
}

bool iso6709_names_place(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const std::size_t second = text.find_first_of("+-", 1);
  if (second == std::string_view::npos) return false;
  const std::size_t end = std::min(text.find_first_of("+-/C", second + 1), text.size());
  const std::string_view latitude = text.substr(1, second - 1);
  const std::string_view longitude = text.substr(second + 1, end - second - 1);
  const auto is_number = [](std::string_view number) {
    return !number.empty() && number.find_first_not_of("0123456789.") == std::string_view::npos;
  };
  if (!is_number(latitude) || !is_number(longitude)) return false;
  return has_digit_but_zero(latitude) || has_digit_but_zero(longitude);
}

}  // namespace amanat::phone
