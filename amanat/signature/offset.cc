#include "amanat/signature/offset.h"

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

using From = Offset::From;

// Reads the number behind a prefix of `prefix_size` characters; an empty one is 0, as in C.
std::optional<std::uint32_t> number_behind(std::string_view text, std::size_t prefix_size) {
  text.remove_prefix(prefix_size);
  if (text.empty()) return 0;
  return parse_number<std::uint32_t>(text);
}

std::optional<Offset> parse_section_offset(std::string_view text) {
  if (text.starts_with("SE")) {
    const auto section = number_behind(text, 2);
    if (!section) return std::nullopt;
    return Offset{.from = From::in_section, .section = *section};
  }
  if (text.starts_with("SL+")) {
    const auto distance = number_behind(text, 3);
    if (!distance) return std::nullopt;
    return Offset{.from = From::last_section, .distance = *distance};
  }
  const std::size_t plus = text.find('+');
  if (plus == std::string_view::npos) return std::nullopt;
  const auto section = parse_number<std::uint32_t>(text.substr(1, plus - 1));
  const auto distance = parse_number<std::uint32_t>(text.substr(plus + 1));
  if (!section || !distance) return std::nullopt;
  return Offset{.from = From::section, .distance = *distance, .section = *section};
}

std::optional<Offset> parse_macro_group(std::string_view text) {
  if (text.size() < 3 || !text.ends_with('$')) return std::nullopt;
  const auto group = parse_number<std::uint32_t>(text.substr(1, text.size() - 2));
  if (!group || *group >= kMacroGroups) return std::nullopt;
  return Offset{.from = From::macro_group, .section = *group};
}

std::optional<Offset> parse_distance(From from, std::string_view text, std::size_t prefix_size) {
  const auto distance = number_behind(text, prefix_size);
  if (!distance) return std::nullopt;
  return Offset{.from = from, .distance = *distance};
}

std::optional<Offset> parse_place(std::string_view text) {
  if (text.starts_with("EP+")) return parse_distance(From::entry_plus, text, 3);
  if (text.starts_with("EP-")) return parse_distance(From::entry_minus, text, 3);
  if (text.starts_with("EOF-")) return parse_distance(From::end, text, 4);
  if (text.starts_with('S')) return parse_section_offset(text);
  if (text == "VI") return Offset{.from = From::version_info};
  if (text.starts_with('$')) return parse_macro_group(text);
  return parse_distance(From::start, text, 0);
}

bool is_for_executables(From from) {
  switch (from) {
    case From::anywhere:
    case From::start:
    case From::end:
    case From::macro_group: return false;
    default: return true;
  }
}

std::string place_text(const Offset& offset) {
  const std::string distance = std::to_string(offset.distance);
  const std::string section = std::to_string(offset.section);
  switch (offset.from) {
    case From::anywhere: return "*";
    case From::start: return distance;
    case From::end: return "EOF-" + distance;
    case From::entry_plus: return "EP+" + distance;
    case From::entry_minus: return "EP-" + distance;
    case From::section: return "S" + section + "+" + distance;
    case From::last_section: return "SL+" + distance;
    case From::in_section: return "SE" + section;
    case From::version_info: return "VI";
    case From::macro_group: return "$" + section + "$";
  }
  return {};
}

// Where the range begins; nothing when it begins before the object or in a section that is not.
std::optional<std::uint64_t> base_of(const Offset& offset, std::uint64_t size,
                                     const Layout* layout) {
  if (offset.from == From::start) return offset.distance;
  if (offset.from == From::end) {
    if (offset.distance > size) return std::nullopt;
    return size - offset.distance;
  }
  if (layout == nullptr) return std::nullopt;
  switch (offset.from) {
    case From::entry_plus: return layout->entry_point + offset.distance;
    case From::entry_minus:
      if (offset.distance > layout->entry_point) return std::nullopt;
      return layout->entry_point - offset.distance;
    case From::last_section:
      if (layout->sections.empty()) return std::nullopt;
      return layout->sections.back().position + offset.distance;
    default:
      if (offset.section >= layout->sections.size()) return std::nullopt;
      return layout->sections[offset.section].position + offset.distance;
  }
}

}  // namespace

Parsed<Offset> parse_offset(std::string_view text, Target target) {
  if (text == "*") return Offset{};
  if (text.size() > kOffsetTextMax) return refuse(Reason::malformed, "the offset is too long");
  const std::size_t comma = text.find(',');
  auto offset = parse_place(text.substr(0, comma));
  if (!offset) return refuse(Reason::malformed, "the offset");
  if (comma != std::string_view::npos) {
    const auto shift = number_behind(text, comma + 1);
    if (!shift) return refuse(Reason::malformed, "the shift of the offset");
    offset->shift = *shift;
  }
  if (is_for_executables(offset->from) && !is_executable(target)) {
    return refuse(Reason::malformed, "an offset for executables in another target");
  }
  return *offset;
}

std::string print(const Offset& offset) {
  return place_text(offset) + (offset.shift == 0 ? "" : "," + std::to_string(offset.shift));
}

std::optional<Positions> resolve(const Offset& offset, Target target, std::uint64_t size,
                                 const Layout* layout) {
  if (offset.from == From::anywhere || offset.from == From::macro_group) return Positions{0, size};
  const bool relative = offset.from != From::start;
  if (relative && is_executable(target) && layout == nullptr) return std::nullopt;
  if (offset.from == From::version_info) return Positions{0, size};
  const auto base = base_of(offset, size, layout);
  if (!base) return std::nullopt;
  std::uint64_t length = offset.shift;
  if (offset.from == From::in_section) length += layout->sections[offset.section].size;
  return Positions{*base, *base + length};
}

}  // namespace amanat::signature
