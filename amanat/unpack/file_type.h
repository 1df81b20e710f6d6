#pragma once

// What kind of thing some bytes are: by their content, never by their name.
//
// A kind says three things: how to look inside (unpack.h), which body signatures apply (ClamAV's
// target number) and, for text, which normal form they are compared with (text.h, html.h).

#include <cstdint>
#include <optional>
#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

enum class Kind : std::uint8_t {
  unknown,
  // containers
  zip,
  gzip,
  bzip2,
  xz,
  lzma,
  zstd,
  lz4,
  compress,  // Unix .Z
  tar,
  cpio,
  ar,  // .deb and static libraries too
  seven_zip,
  cab,
  rar,
  iso9660,
  lha,
  xar,
  arj,
  chm,
  sis,
  szdd,
  // documents
  pdf,
  ole2,
  rtf,
  tnef,
  binhex,
  // programs
  elf,
  pe,
  pe_memory,  // one that was unpacked: kind_of takes it for pe
  macho,
  macho_universal,
  java_class,
  dex,
  oat,
  art,
  android_manifest,   // binary XML
  android_resources,  // resources.arsc
  // text
  mail,
  html,
  script,  // text that some interpreter runs: it begins with #!, or was cut out of a document
  text_ascii,
  text_utf8,
  text_utf16_le,
  text_utf16_be,
  // pictures, sound, film
  png,
  jpeg,
  gif,
  tiff,
  webp,
  bmp,
  heif,
  mpeg4,
  mpeg_audio,
  ogg,
  flac,
  matroska,
  riff,
  flash,
  // data
  sqlite,
  font,
};

/// The numbers are ClamAV's (its signatures' "target").
enum class Target : std::uint8_t {
  any = 0,
  pe = 1,
  ole2 = 2,
  html = 3,
  mail = 4,
  graphics = 5,
  elf = 6,
  ascii = 7,
  macho = 9,
  pdf = 10,
  flash = 11,
  java = 12,
  internal = 13,
  other = 14,
};

/// The kind of an object, told from its first kHeadBytesMax bytes (a tar needs 512, an ISO image
/// 32,774); `unknown` when it is none of these. An object with an archive behind something else,
/// as self-extracting programs are, is what it begins with.
Kind kind_of(ByteView object);
inline constexpr std::size_t kHeadBytesMax = 36UL << 10;

/// Which signatures apply besides those for any target.
Target target_of(Kind kind);

/// The kind's name in reports: `seven_zip`, `text_ascii`.
std::string_view name_of(Kind kind);

/// UTF-16 with its mark, or with a zero in every second place of what would else be text; which of
/// the two it is, or nothing. A page in UTF-16 is of kind `html`.
std::optional<Kind> wide_text(ByteView head);

/// Whether a message begins with a header line that only messages begin with; others are texts too,
/// to signatures.
bool begins_as_mail(ByteView message);

/// Whether plain text has a tag of a page somewhere: signatures see it as a page too.
bool becomes_page(ByteView text);

/// Whether signatures see this kind in the normal form of text (target 7).
bool is_text(Kind kind);

/// Whether objects of this kind are made to hold others. (`unpack` also looks for an archive that
/// somebody put behind an object of any other kind.)
bool may_hold_objects(Kind kind);

/// `target_of(kind_of(head))`.
Target target_of(ByteView head);
inline constexpr std::size_t kHeadBytes = 4096;  // enough for every target

}  // namespace amanat::unpack
