#pragma once

// Certificates of code signers that are trusted or blocked: .crb
//
//   line   name ";" trusted ";" subject ";" serial ";" modulus ";" exponent ";" code ";" time ";"
//          cert ";" not-before ";" comment [";" level-min [";" level-max]]
//
//   trusted, code, time, cert   "0" or "1": whether it is trusted, and for what it may sign
//   subject, serial             SHA-1 in hex; the serial may be empty: any
//   modulus                     of the RSA key, in hex; its exponent is always 65537

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/signature/reasons.h"

namespace amanat::signature {

inline constexpr std::size_t kModulusBytesMax = 1024;

struct CertificateSignature {
  using Sha1 = std::array<std::uint8_t, 20>;
  std::string name;
  bool trusted = false;  // false: whatever it signed is malware
  Sha1 subject{};
  std::optional<Sha1> serial;
  Bytes modulus;
  bool signs_code = false, signs_time = false, signs_certificates = false;
  std::uint64_t not_before = 0;  // seconds since 1970

  friend bool operator==(const CertificateSignature&, const CertificateSignature&) = default;
};
Parsed<CertificateSignature> parse_certificate(std::string_view line);

/// The line that `parse_certificate` reads as this.
std::string print(const CertificateSignature& signature);

}  // namespace amanat::signature
