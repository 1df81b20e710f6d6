#include "amanat/signature/certificate.h"

#include <array>

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

// Reads "0" or "1"; false when it is neither.
bool read_bit(bool& bit, std::string_view text) {
  if (text != "0" && text != "1") return false;
  bit = text == "1";
  return true;
}

std::string text_of(bool bit) { return bit ? "1" : "0"; }

}  // namespace

Parsed<CertificateSignature> parse_certificate(std::string_view line) {
  const auto trimmed = trim_line(line);
  if (!trimmed) return std::unexpected(trimmed.error());
  const auto fields = split(*trimmed, ';');
  if (fields.size() < 11 || fields.size() > 13) return refuse(Reason::malformed, "the fields");
  if (const auto levels = parse_levels(fields, 11); !levels) {
    return std::unexpected(levels.error());
  }
  CertificateSignature signature;
  signature.name = fields[0];
  if (!fields[0].empty() && !is_name(fields[0])) return refuse(Reason::malformed, "the name");
  if (!read_bit(signature.trusted, fields[1]) || !read_bit(signature.signs_code, fields[6])
      || !read_bit(signature.signs_time, fields[7])
      || !read_bit(signature.signs_certificates, fields[8])) {
    return refuse(Reason::malformed, "neither 0 nor 1");
  }
  const auto subject = parse_hex_array<20>(fields[2]);
  if (!subject) return refuse(Reason::malformed, "the subject");
  signature.subject = *subject;
  if (!fields[3].empty()) {
    signature.serial = parse_hex_array<20>(fields[3]);
    if (!signature.serial) return refuse(Reason::malformed, "the serial number");
  }
  auto modulus =
      parse_hex(fields[4].size() % 2 == 0 ? std::string(fields[4]) : '0' + std::string(fields[4]));
  if (!modulus || modulus->size() > kModulusBytesMax) {
    return refuse(Reason::malformed, "the modulus");
  }
  signature.modulus = std::move(*modulus);
  if (!fields[9].empty()) {
    const auto seconds = parse_number<std::uint64_t>(fields[9]);
    if (!seconds) return refuse(Reason::malformed, "the date");
    signature.not_before = *seconds;
  }
  return signature;
}

std::string print(const CertificateSignature& signature) {
  return signature.name + ';' + text_of(signature.trusted) + ';' + to_hex(signature.subject) + ';'
         + (signature.serial ? to_hex(*signature.serial) : "") + ';' + to_hex(signature.modulus)
         + ";010001;" + text_of(signature.signs_code) + ';' + text_of(signature.signs_time) + ';'
         + text_of(signature.signs_certificates) + ';' + std::to_string(signature.not_before) + ';';
}

}  // namespace amanat::signature
