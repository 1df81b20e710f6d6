#include <fmt/format.h>

#include "amanat/indicator/lists.h"
#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(" \t"));
}

std::string_view second_word(std::string_view line) {
  const std::size_t space = line.find_first_of(" \t");
  if (space == std::string_view::npos) return {};
  return first_word(trim(line.substr(space)));
}

std::optional<Kind> as_certificate(std::optional<Kind> kind) {
  if (kind == Kind::file_md5) return Kind::certificate_md5;
  if (kind == Kind::file_sha1) return Kind::certificate_sha1;
  if (kind == Kind::file_sha256) return Kind::certificate_sha256;
  return kind;
}

struct Value {
  std::optional<Kind> kind;
  std::string text;
};

Value read_value(std::string_view line, std::string_view file) {
  std::string_view word = first_word(line);
  // A hosts file.
  if ((word == "0.0.0.0" || word == "127.0.0.1") && !second_word(line).empty()) {
    word = second_word(line);
  }
  Value value{.kind = std::nullopt, .text = refang(word)};
  const bool is_certificates = file.find("cert") != std::string_view::npos;
  if (!is_certificates && file.find("package") != std::string_view::npos
      && spell(Kind::package, value.text)) {
    value.kind = Kind::package;
    return value;
  }
  value.kind = recognise(value.text);
  if (!value.kind && value.text.starts_with('/')) value.kind = Kind::file_path;
  if (is_certificates) value.kind = as_certificate(value.kind);
  return value;
}

}  // namespace

Result<> read_lines(std::string_view text, Reading& reading) {
  if (text.size() > kTableBytesMax) return fail(Code::invalid_input, "the list is too big");
  const std::size_t slash = reading.file().rfind('/');
  const std::string_view file =
      std::string_view(reading.file()).substr(slash == std::string::npos ? 0 : slash + 1);
  std::uint64_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line.starts_with('#') || line.starts_with("//")) continue;
    const Value value = read_value(line, file);
    const std::string place = fmt::format("line {}", number);
    if (value.kind) {
      reading.take(*value.kind, value.text, {}, place);
    } else {
      reading.leave(Reason::unrecognised, place, line);
    }
  }
  return {};
}

}  // namespace amanat::indicator
