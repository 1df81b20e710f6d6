#pragma once

// The text files of a JAR signature (Java's JAR file specification, "Signed JAR File").
//
//   file        sections, with an empty line between them; the first one is about the whole
//   section     attributes; all but the first begin with `Name: ` and an entry's name
//   attribute   name ": " value; lines end in CR LF, LF or CR, and one that begins with a space
//               continues the one before it
//
// Digests are taken over the bytes of a section, the empty line after it included.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::program {

inline constexpr std::size_t kJarAttributesMax = 128;  // of one section

struct JarSection {
  ByteView bytes;  // of the file
  std::vector<std::pair<std::string, std::string>> attributes;

  /// The value of an attribute, its name in any case; empty when there is none.
  std::string_view value(std::string_view name) const;
};

/// Borrows the file.
struct JarManifest {
  JarSection main;
  std::map<std::string, JarSection, std::less<>> entries;  // by name
};

/// Reads a manifest or signature file.
///
///   fails   invalid_input when a line is no attribute, a section after the first has no name or
///           one that came before, or a limit is exceeded
Result<JarManifest> read_jar_manifest(ByteView file);

/// The strongest digest of those named `<algorithm><suffix>` in a section, such as
/// "SHA-256-Digest", held against `bytes`. Nothing when the section has none that is known.
std::optional<bool> digest_matches(const JarSection& section, std::string_view suffix,
                                   ByteView bytes);

}  // namespace amanat::program
