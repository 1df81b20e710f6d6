#pragma once

// Numbers and names in queries and paths, in their one spelling.

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/api/target.h"
#include "amanat/error/error.h"

namespace amanat::custodian {

/// A decimal number of at most 2^63 - 2, without sign or leading zero.
inline Result<std::uint64_t> read_decimal(std::string_view text) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - 1;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  if (!is_whole || value > kMax || (text.size() > 1 && text.front() == '0')) {
    return fail(Code::invalid_input, "a number in the address is malformed");
  }
  return value;
}

/// The number of this name in a query; nothing when it is not there.
inline Result<std::optional<std::uint64_t>> read_query_number(std::string_view query,
                                                              std::string_view name) {
  const auto text = api::query_value(query, name);
  if (!text) return std::nullopt;
  const auto value = read_decimal(*text);
  if (!value) return carry(value, name);
  return *value;
}

}  // namespace amanat::custodian
