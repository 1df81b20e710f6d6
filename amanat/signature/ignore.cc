#include "amanat/signature/ignore.h"

#include <array>

#include "amanat/signature/fields.h"

namespace amanat::signature {

Parsed<IgnoredName> parse_ignored_name(std::string_view line) {
  const auto trimmed = trim_line(line);
  if (!trimmed) return std::unexpected(trimmed.error());
  const auto fields = split(*trimmed, ':');
  if (fields.size() > 3) return refuse(Reason::malformed, "the fields");
  const std::string_view name = fields.size() == 3 ? fields[2] : fields[0];
  if (!is_name(name)) return refuse(Reason::malformed, "the name");
  IgnoredName ignored{.name{name}, .line_md5 = {}};
  if (fields.size() == 2) {
    ignored.line_md5 = parse_hex_array<16>(fields[1]);
    if (!ignored.line_md5) return refuse(Reason::malformed, "the digest");
  }
  return ignored;
}

std::string print(const IgnoredName& ignored) {
  // Such a line would be a comment; the old form has the name at its end.
  if (ignored.name.starts_with('#')) return "::" + ignored.name;
  return ignored.name + (ignored.line_md5 ? ':' + to_hex(*ignored.line_md5) : "");
}

}  // namespace amanat::signature
