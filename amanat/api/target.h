#pragma once

// The target of a request, in the one form we accept (RFC 9112 §3.2.1, origin-form). It is read
// strictly and never decoded, so that what was signed, what is routed and what was sent are the
// same bytes.
//
//   target   = path [ "?" query ]         at most 2,048 bytes; a "?" has a query after it
//   path     = 1*( "/" segment )          no "." or "..", no empty segment but the last
//   segment  = *( ALPHA / DIGIT / "-._~!$&'()*+,;=:@" )
//   query    = 1*( segment characters / "/" / "?" / "%" HEXDIG HEXDIG (upper case) )

#include <optional>
#include <string>
#include <string_view>

#include "amanat/error/error.h"

namespace amanat::api {

inline constexpr std::size_t kTargetBytesMax = 2048;

struct Target {
  std::string path;
  std::string query;  // without "?"
  friend bool operator==(const Target&, const Target&) = default;
};

/// Fails with invalid_input on everything the grammar above does not say.
Result<Target> parse_target(std::string_view text);

/// The text that `parse_target` reads as this target.
std::string to_text(const Target& target);

/// The value of `name` in a query like `after=12&limit=5`, as sent; nothing when it is not there or
/// is there twice. Borrows from `query`.
std::optional<std::string_view> query_value(std::string_view query, std::string_view name);

}  // namespace amanat::api
