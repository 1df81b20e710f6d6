#include "amanat/signature/container.h"

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

std::string text_of(const std::optional<Range>& range) {
  if (!range) return "*";
  return std::to_string(range->min) + '-' + std::to_string(range->max);
}

// Reads `text` into `range`; false when it is neither a number, a range nor "*".
bool read_range(std::optional<Range>& range, std::string_view text) {
  const auto found = parse_range_or_any<Range>(text);
  if (found) range = *found;
  return found.has_value();
}

// The last field is a checksum in hex for zip and rar, and of no meaning for other containers.
bool read_crc(std::optional<std::uint32_t>& crc, std::string_view text) {
  if (text == "*" || text.empty()) return true;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  crc = value;
  return true;
}

}  // namespace

Parsed<ContainerSignature> parse_container(std::string_view line) {
  const auto trimmed = trim_line(line);
  if (!trimmed) return std::unexpected(trimmed.error());
  const auto fields = split(*trimmed, ':');
  if (fields.size() < 10 || fields.size() > 12) return refuse(Reason::malformed, "the fields");
  if (!is_name(fields[0])) return refuse(Reason::malformed, "the name");
  if (const auto levels = parse_levels(fields, 10); !levels) {
    return std::unexpected(levels.error());
  }
  ContainerSignature signature;
  signature.name = fields[0];
  if (fields[1] != "*") {
    const auto type = ObjectType::find(fields[1]);
    if (!type) return refuse(Reason::unknown_type, fields[1]);
    signature.container = *type;
  }
  if (!read_range(signature.container_size, fields[2])
      || !read_range(signature.packed_size, fields[4]) || !read_range(signature.size, fields[5])
      || !read_range(signature.position, fields[7])) {
    return refuse(Reason::malformed, "a range");
  }
  if (fields[3].empty() || fields[3].size() > kRegexBytesMax) {
    return refuse(Reason::malformed, "the name of the member");
  }
  if (fields[3] != "*") signature.member_name = fields[3];
  if (fields[6] != "*" && fields[6] != "0" && fields[6] != "1") {
    return refuse(Reason::malformed, "whether it is encrypted");
  }
  if (fields[6] != "*") signature.encrypted = fields[6] == "1";
  if (!read_crc(signature.crc, fields[9])) return refuse(Reason::malformed, "the checksum");
  return signature;
}

std::string print(const ContainerSignature& signature) {
  constexpr std::size_t kCrcDigits = 8;
  std::string crc = "*";
  if (signature.crc) {
    crc.clear();
    for (std::size_t i = kCrcDigits; i > 0; --i) {
      crc += "0123456789abcdef"[*signature.crc >> 4 * (i - 1) & 0xf];
    }
  }
  std::string encrypted = "*";
  if (signature.encrypted) encrypted = *signature.encrypted ? "1" : "0";
  return signature.name + ':'
         + (signature.container.is_any() ? "*"
                                         : "CL_TYPE_" + std::string(signature.container.name()))
         + ':' + text_of(signature.container_size) + ':' + signature.member_name.value_or("*") + ':'
         + text_of(signature.packed_size) + ':' + text_of(signature.size) + ':' + encrypted + ':'
         + text_of(signature.position) + ":*:" + crc;
}

}  // namespace amanat::signature
