#include "amanat/signature/fields.h"

#include <algorithm>
#include <limits>

namespace amanat::signature {

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(separator, start), line.size());
    fields.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  return fields;
}

std::vector<std::string_view> split_outside_slashes(std::string_view line, char separator,
                                                    std::size_t first) {
  std::vector<std::string_view> fields;
  std::size_t start = 0;
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!inside && line[i] == separator) {
      fields.push_back(line.substr(start, i - start));
      start = i + 1;
    } else if (line[i] == '/' && i > 0 && line[i - 1] != '\\' && fields.size() >= first) {
      inside = !inside;
    }
  }
  fields.push_back(line.substr(start));
  return fields;
}

std::optional<std::int64_t> parse_c_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<Bytes> parse_hex(std::string_view hex) {
  if (hex.empty() || hex.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = digit_of(hex[i]);
    const auto low = digit_of(hex[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax
         && std::ranges::none_of(name, [](char c) { return c < 0x20 || c > 0x7e; });
}

Parsed<std::string_view> trim_line(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty() || line.starts_with('#')) return refuse(Reason::comment, "no signature");
  if (line.size() > kLineBytesMax) return refuse(Reason::too_long, "the line");
  return line;
}

Parsed<std::uint32_t> parse_levels(const std::vector<std::string_view>& fields, std::size_t first) {
  std::uint32_t min = 0;
  if (fields.size() > first && !fields[first].empty()) {
    const auto level = parse_number<std::uint32_t>(fields[first]);
    if (!level) return refuse(Reason::malformed, "the smallest level is no number");
    min = *level;
  }
  if (fields.size() > first + 1) {
    const auto max = parse_number<std::uint32_t>(fields[first + 1]);
    if (!max) return refuse(Reason::malformed, "the largest level is no number");
    if (*max < kEngineLevel) return refuse(Reason::engine_older, fields[first + 1]);
  }
  if (min > kEngineLevel) return refuse(Reason::engine_newer, fields[first]);
  return min;
}

}  // namespace amanat::signature
