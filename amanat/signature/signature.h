#pragma once

// Signatures as text become values, and nothing is dropped in silence.
//
// The formats are ClamAV's, which official and third-party sets use; the meaning, oddities
// included, is that of its engine (signature/*.h say where). A line is parsed by the kind of its
// file; what cannot be expressed comes back with a reason.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "amanat/signature/body.h"
#include "amanat/signature/certificate.h"
#include "amanat/signature/container.h"
#include "amanat/signature/hashes.h"
#include "amanat/signature/ignore.h"
#include "amanat/signature/logical.h"

namespace amanat::signature {

/// What the lines of a file are.
enum class Kind : std::uint8_t {
  file_hashes,     // hdb hsb hdu hsu
  allowed_hashes,  // fp sfp
  section_hashes,  // mdb msb mdu msu
  import_hashes,   // imp
  bodies,          // ndb ndu
  logicals,        // ldb ldu
  containers,      // cdb
  certificates,    // crb
  ignored_names,   // ign ign2
};

/// A file's kind by its name, and whether it holds potentially unwanted applications (the kinds
/// that end in "u").
struct FileKind {
  Kind kind = Kind::file_hashes;
  bool unwanted = false;

  friend bool operator==(const FileKind&, const FileKind&) = default;
};

/// The kind of "daily.ldb"; nothing when we read no lines of such files (bytecode, .pwdb, .ftm,
/// phishing lists, icons).
std::optional<FileKind> kind_of(std::string_view file_name);

using Signature = std::variant<HashSignature, BodySignature, Logical, ContainerSignature,
                               CertificateSignature, IgnoredName>;

/// Reads one line, without its line end (a CR before it is cut off).
Parsed<Signature> parse_line(Kind kind, std::string_view line);

}  // namespace amanat::signature
