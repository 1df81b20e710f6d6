#pragma once

// Reads lines of ClamAV's signature files, as far as this engine can express them:
//
//   .hdb .hsb  digest ":" size ":" name [":" engine-min [":" engine-max]]
//   .fp .sfp   the same; name says why the file is allowed
//   .ndb       name ":" target ":" offset ":" hex [":" engine-min [":" engine-max]]
//   .ign2      name [":" md5 of the signature's whole line]
//
//   digest     32, 40 or 64 hex digits: MD5, SHA-1, SHA-256
//   size       1*DIGIT / "*", the latter only with engine-min of 73 or more
//   offset     ("*" / n / "EOF-" n) ["," shift]
//   hex        pairs of hex digits, 4 to 4,096 bytes; wildcards are of other engines
//
// A line that cannot be expressed is never dropped in silence: it comes back with a reason, and the
// loader counts the reasons.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/unpack/file_type.h"

namespace amanat::scan {
using unpack::Target;

/// The level of ClamAV's engine whose formats we read (1.4): lines for newer or older ones only
/// are not for us.
inline constexpr std::uint32_t kEngineLevel = 210;
inline constexpr std::size_t kSignatureNameBytesMax = 256;
inline constexpr std::uint32_t kEngineForAnySize = 73;

/// Why a signature is not applied.
enum class NotApplied : std::uint8_t {
  malformed,
  wildcards,  // gaps, alternatives, nibbles
  too_short,  // fewer than 4 bytes
  too_long,
  unknown_target,
  target_normalised,  // HTML is matched after a normalisation that we do not do
  target_undetected,  // we never tell this kind of file
  offset_in_program,  // relative to entry points and sections
  offset_in_text,     // from the end of a text whose normalised length nobody knows yet
  engine_newer,
  engine_older,
  ignored,       // an .ign2 file says so
  kind_of_file,  // logical signatures and all other databases
};
inline constexpr std::size_t kNotAppliedReasons = 13;

/// In words for people: "wildcards in the pattern".
std::string_view describe(NotApplied reason);

/// A file with exactly this digest.
struct HashSignature {
  crypto::DigestKind kind = crypto::DigestKind::md5;
  Bytes digest;
  std::optional<std::uint64_t> size;  // nothing: any size
  std::string name;

  friend bool operator==(const HashSignature&, const HashSignature&) = default;
};

/// Where a pattern may begin: at base to base + shift, where base counts from the start or the end.
struct Offset {
  enum class From : std::uint8_t { anywhere, start, end };
  From from = From::anywhere;
  std::uint64_t distance = 0;
  std::uint64_t shift = 0;

  bool admits(std::uint64_t position, std::uint64_t size) const;
  friend bool operator==(const Offset&, const Offset&) = default;
};

/// A file of this kind with these bytes at this place.
struct BodySignature {
  std::string name;
  Target target = Target::any;
  Offset offset;
  Bytes bytes;

  friend bool operator==(const BodySignature&, const BodySignature&) = default;
};

/// The name of a signature that someone found wrong.
struct IgnoredName {
  std::string name;                     // without ".UNOFFICIAL"
  std::optional<std::string> line_md5;  // only the signature whose line has this digest, as hex

  friend bool operator==(const IgnoredName&, const IgnoredName&) = default;
};

template <class T>
using Parsed = std::expected<T, NotApplied>;

/// Each takes one line without its line end.
Parsed<HashSignature> parse_hash_signature(std::string_view line);
Parsed<BodySignature> parse_body_signature(std::string_view line);
Parsed<IgnoredName> parse_ignored_name(std::string_view line);

}  // namespace amanat::scan
