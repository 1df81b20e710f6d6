#pragma once

// STIX 2.1 bundles as the Mobile Verification Toolkit reads them: indicators with one comparison
//
//   pattern     = "[" key "=" "'" value "'" "]"
//   key         = object-type ":" property *( "." property )     properties may stand in quotes
//   value       = characters; \' and \\ stand for ' and \        '=' and ']' are characters
//
// with the keys domain-name:value, ipv4-addr:value, ipv6-addr:value, url:value, email-addr:value,
// process:name, file:name, file:path, file:hashes.*, app:id, app:cert.*, android-property:name and
// configuration-profile:id. An indicator belongs to the `report` that lists it, or else to the
// malware that a relationship says it indicates, or else to the list's own name.

#include <expected>
#include <string>
#include <string_view>

#include "amanat/error/error.h"
#include "amanat/indicator/reading.h"

namespace amanat::indicator {

inline constexpr std::size_t kStixBytesMax = 64U << 20;
inline constexpr std::size_t kPatternBytesMax = 16 * 1024;

struct Comparison {
  std::string key;    // without quotes and in lower case: "file:hashes.sha-256"
  std::string value;  // unescaped

  friend bool operator==(const Comparison&, const Comparison&) = default;
};

/// Reads a pattern of one comparison; otherwise says what is not expressed.
std::expected<Comparison, Reason> parse_pattern(std::string_view pattern);

/// The pattern with this comparison: parse_pattern reads it back.
std::string write_pattern(const Comparison& comparison);

/// What a key is compared with here; nothing when it cannot be observed.
std::optional<Kind> kind_of_key(std::string_view key);

/// Reads a bundle, or a list of its objects. Fails with invalid_input when it is no such JSON.
Result<> read_stix(std::string_view text, Reading& reading);

}  // namespace amanat::indicator
