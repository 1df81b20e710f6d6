#include "amanat/api/range.h"

#include <algorithm>
#include <charconv>

namespace amanat::api {
namespace {
// Digits only, all of them, no overflow.
std::optional<std::uint64_t> read_number(std::string_view digits) {
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}
}  // namespace

RangeAnswer choose_range(std::optional<std::string_view> field, std::uint64_t size) {
  const RangeAnswer whole{.kind = RangeKind::whole, .range = {.offset = 0, .size = size}};
  const RangeAnswer outside{.kind = RangeKind::unsatisfiable, .range = {}};
  if (!field || !field->starts_with("bytes=")) return whole;
  const std::string_view spec = field->substr(6);
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return whole;
  const auto first = read_number(spec.substr(0, dash));
  const auto last = read_number(spec.substr(dash + 1));

  if (dash == 0 && last) {  // the last n bytes
    const std::uint64_t count = std::min(*last, size);
    if (count == 0) return outside;
    return {.kind = RangeKind::part, .range = {.offset = size - count, .size = count}};
  }
  const bool open_end = dash + 1 == spec.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return whole;
  if (*first >= size) return outside;
  const std::uint64_t stop = last ? std::min(*last, size - 1) : size - 1;
  return {.kind = RangeKind::part, .range = {.offset = *first, .size = stop - *first + 1}};
}

}  // namespace amanat::api
