#include "amanat/signature/signature.h"

#include <algorithm>
#include <array>

namespace amanat::signature {
namespace {

struct Ending {
  std::string_view text;
  FileKind kind;
};
constexpr auto kEndings = std::to_array<Ending>({
    {"hdb", {Kind::file_hashes, false}},    {"hsb", {Kind::file_hashes, false}},
    {"hdu", {Kind::file_hashes, true}},     {"hsu", {Kind::file_hashes, true}},
    {"fp", {Kind::allowed_hashes, false}},  {"sfp", {Kind::allowed_hashes, false}},
    {"mdb", {Kind::section_hashes, false}}, {"msb", {Kind::section_hashes, false}},
    {"mdu", {Kind::section_hashes, true}},  {"msu", {Kind::section_hashes, true}},
    {"imp", {Kind::import_hashes, false}},  {"ndb", {Kind::bodies, false}},
    {"ndu", {Kind::bodies, true}},          {"ldb", {Kind::logicals, false}},
    {"ldu", {Kind::logicals, true}},        {"cdb", {Kind::containers, false}},
    {"crb", {Kind::certificates, false}},   {"ign", {Kind::ignored_names, false}},
    {"ign2", {Kind::ignored_names, false}},
});

template <class T>
Parsed<Signature> as_signature(Parsed<T> parsed) {
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return Signature(std::move(*parsed));
}

}  // namespace

std::optional<FileKind> kind_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto* const found = std::ranges::find(kEndings, file_name.substr(dot + 1), &Ending::text);
  if (found == kEndings.end()) return std::nullopt;
  return found->kind;
}

Parsed<Signature> parse_line(Kind kind, std::string_view line) {
  using Of = HashSignature::Of;
  switch (kind) {
    case Kind::file_hashes: return as_signature(parse_hash(Of::file, line));
    case Kind::allowed_hashes: return as_signature(parse_hash(Of::allowed_file, line));
    case Kind::section_hashes: return as_signature(parse_hash(Of::section, line));
    case Kind::import_hashes: return as_signature(parse_hash(Of::import_table, line));
    case Kind::bodies: return as_signature(parse_body_signature(line));
    case Kind::logicals: return as_signature(parse_logical(line));
    case Kind::containers: return as_signature(parse_container(line));
    case Kind::certificates: return as_signature(parse_certificate(line));
    case Kind::ignored_names: return as_signature(parse_ignored_name(line));
  }
  return refuse(Reason::malformed, "the kind of file");
}

}  // namespace amanat::signature
