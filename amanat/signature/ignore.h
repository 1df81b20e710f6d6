#pragma once

// Names of signatures that someone found wrong: .ign, .ign2
//
//   line   name [":" md5] / repository ":" line ":" name        the second form is the old one
//
// `md5` is that of the signature's whole line: the name is ignored only while the line is this one.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/signature/reasons.h"

namespace amanat::signature {

struct IgnoredName {
  std::string name;  // as in the database: clamscan prints ".UNOFFICIAL" behind it
  std::optional<std::array<std::uint8_t, 16>> line_md5;

  friend bool operator==(const IgnoredName&, const IgnoredName&) = default;
};
Parsed<IgnoredName> parse_ignored_name(std::string_view line);

/// The line that `parse_ignored_name` reads as this.
std::string print(const IgnoredName& ignored);

}  // namespace amanat::signature
