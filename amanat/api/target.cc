#include "amanat/api/target.h"

#include <algorithm>

namespace amanat::api {
namespace {
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_segment_character(char c) {
  return is_letter_or_digit(c) || std::string_view("-._~!$&'()*+,;=:@").contains(c);
}

bool is_upper_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

bool is_path(std::string_view path) {
  if (!path.starts_with('/')) return false;
  std::string_view rest = path.substr(1);
  for (;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment == "." || segment == "..") return false;
    if (!std::ranges::all_of(segment, is_segment_character)) return false;
    if (slash == std::string_view::npos) return true;
    if (segment.empty()) return false;
    rest = rest.substr(slash + 1);
  }
}

bool is_query(std::string_view query) {
  for (std::size_t i = 0; i < query.size(); ++i) {
    if (query[i] == '%') {
      if (i + 2 >= query.size()) return false;
      if (!is_upper_hex(query[i + 1]) || !is_upper_hex(query[i + 2])) return false;
      i += 2;
    } else if (!is_segment_character(query[i]) && query[i] != '/' && query[i] != '?') {
      return false;
    }
  }
  return !query.empty();
}
}  // namespace

Result<Target> parse_target(std::string_view text) {
  if (text.size() > kTargetBytesMax) return fail(Code::invalid_input, "the target is too long");
  const std::size_t mark = text.find('?');
  const std::string_view path = text.substr(0, mark);
  if (!is_path(path)) return fail(Code::invalid_input, "the path is not in its one form");
  if (mark == std::string_view::npos) return Target{std::string(path), {}};
  const std::string_view query = text.substr(mark + 1);
  if (!is_query(query)) return fail(Code::invalid_input, "the query is not in its one form");
  return Target{std::string(path), std::string(query)};
}

std::string to_text(const Target& target) {
  return target.query.empty() ? target.path : target.path + "?" + target.query;
}

std::optional<std::string_view> query_value(std::string_view query, std::string_view name) {
  std::optional<std::string_view> value;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    if (value) return std::nullopt;
    value = pair.substr(equals + 1);
  }
  return value;
}

}  // namespace amanat::api
