#pragma once

// The lists that are not STIX: apps in YAML, tables, and plain lines.
//
// Apps (stalkerware-indicators' ioc.yaml and watchware.yaml): a sequence of maps
//
//   name, names, type         whose it is: stalkerware or watchware
//   packages, ios_bundles     names of packages and bundles
//   certificates              MD5, SHA-1 or SHA-256 by their length
//   certificate_organizations
//   websites, distribution    hosts, addresses or URLs
//   c2: domains, ips, ip
//   certificate_cname_re      regular expressions: left, and counted
//
// Tables: rows under a header. Columns are told by their names (`sha256`, `package name`, `domain`,
// `family`, ...); `type` and `indicator` or `ioc` make each row say what it holds. Without a
// header: two cells are a family and a value; fourteen are a record of MalwareBazaar.
//
// Lines: one value a line, its kind told by its form; `#` begins a comment, `<hash>  <file>` and
// `0.0.0.0 <host>` are read as they are meant. A file with `cert` in its name lists certificates,
// one with `package` lists package names.

#include <string_view>

#include "amanat/error/error.h"
#include "amanat/indicator/reading.h"

namespace amanat::indicator {

inline constexpr std::size_t kTableBytesMax = 256U << 20;

/// Fails with invalid_input when the text is no YAML or no sequence of apps.
Result<> read_apps(std::string_view text, Reading& reading);

/// Fails with invalid_input when no column can be told.
Result<> read_table(std::string_view text, char separator, Reading& reading);

Result<> read_lines(std::string_view text, Reading& reading);

}  // namespace amanat::indicator
