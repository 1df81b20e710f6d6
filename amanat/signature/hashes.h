#pragma once

// Signatures that are digests.
//
//   .hdb .hsb (.hdu .hsu)  digest ":" size ":" name [":" level-min [":" level-max]]     whole files
//   .fp .sfp               the same: files known to be good
//   .mdb .msb (.mdu .msu)  size ":" digest ":" name [":" ...]                 sections of PE files
//   .imp                   digest ":" size ":" name [":" ...]            import tables of PE files
//
//   digest   32, 40 or 64 hex digits: MD5, SHA-1, SHA-256 (imports: MD5)
//   size     1 to 2^32 - 2, or "*"; the latter with a level-min of 73 or more, except for imports
//
// An allowed digest of a container silences what lies in it. Section and import hashes never match
// 64-bit PE files.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/signature/reasons.h"

namespace amanat::signature {

inline constexpr std::uint32_t kEngineForAnySize = 73;

struct HashSignature {
  enum class Of : std::uint8_t { file, allowed_file, section, import_table };
  Of of = Of::file;
  crypto::DigestKind kind = crypto::DigestKind::md5;
  Bytes digest;
  std::optional<std::uint32_t> size;  // nothing: any size
  std::string name;                   // of an allowed file: why it is allowed

  friend bool operator==(const HashSignature&, const HashSignature&) = default;
};

Parsed<HashSignature> parse_hash(HashSignature::Of of, std::string_view line);

/// The line that `parse_hash` reads as this.
std::string print(const HashSignature& signature);

}  // namespace amanat::signature
