#include "amanat/unpack/file_type.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace amanat::unpack {
namespace {
using namespace std::string_view_literals;

/// Bytes at a fixed place that only this kind has there.
struct Magic {
  std::string_view bytes;
  Kind kind = Kind::unknown;
  std::size_t at = 0;
};

// In the order in which they are tried: longer ones first where they share a beginning.
constexpr auto kMagics = std::to_array<Magic>({
    {.bytes = "PK\3\4"sv, .kind = Kind::zip},
    {.bytes = "PK\5\6"sv, .kind = Kind::zip},
    {.bytes = "PK\7\10PK\3\4"sv, .kind = Kind::zip},
    {.bytes = "PK00PK\3\4"sv, .kind = Kind::zip},
    {.bytes = "\x7f\x45LF"sv, .kind = Kind::elf},
    {.bytes = "dex\n"sv, .kind = Kind::dex},
    {.bytes = "cdex"sv, .kind = Kind::dex},
    {.bytes = "dey\n"sv, .kind = Kind::dex},
    {.bytes = "oat\n"sv, .kind = Kind::oat},
    {.bytes = "art\n"sv, .kind = Kind::art},
    {.bytes = "\x1f\x8b"sv, .kind = Kind::gzip},
    {.bytes = "\x1f\x9d"sv, .kind = Kind::compress},
    {.bytes = "BZh"sv, .kind = Kind::bzip2},
    {.bytes = "\xfd\x37zXZ\0"sv, .kind = Kind::xz},
    {.bytes = "\x5d\0\0"sv, .kind = Kind::lzma},
    {.bytes = "\x28\xb5\x2f\xfd"sv, .kind = Kind::zstd},
    {.bytes = "\x04\x22\x4d\x18"sv, .kind = Kind::lz4},
    {.bytes = "7z\xbc\xaf\x27\x1c"sv, .kind = Kind::seven_zip},
    {.bytes = "MSCF\0\0\0\0"sv, .kind = Kind::cab},
    {.bytes = "Rar!\x1a\7"sv, .kind = Kind::rar},
    {.bytes = "xar!"sv, .kind = Kind::xar},
    {.bytes = "!<arch>\n"sv, .kind = Kind::ar},
    {.bytes = "070701"sv, .kind = Kind::cpio},
    {.bytes = "070702"sv, .kind = Kind::cpio},
    {.bytes = "070707"sv, .kind = Kind::cpio},
    {.bytes = "\xc7\x71"sv, .kind = Kind::cpio},
    {.bytes = "\x71\xc7"sv, .kind = Kind::cpio},
    {.bytes = "\x60\xea"sv, .kind = Kind::arj},
    {.bytes = "ITSF"sv, .kind = Kind::chm},
    {.bytes = "SZDD\x88\xf0\x27\x33"sv, .kind = Kind::szdd},
    {.bytes = "\x19\x04\0\x10"sv, .kind = Kind::sis, .at = 8},
    {.bytes = "-lh"sv, .kind = Kind::lha, .at = 2},
    {.bytes = "ustar"sv, .kind = Kind::tar, .at = 257},
    {.bytes = "CD001"sv, .kind = Kind::iso9660, .at = 32'769},
    {.bytes = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, .kind = Kind::ole2},
    {.bytes = "\x0e\x11\xfc\x0d\xd0\xcf\x11\x0e"sv, .kind = Kind::ole2},
    {.bytes = "{\\rt"sv, .kind = Kind::rtf},
    {.bytes = "\x78\x9f\x3e\x22"sv, .kind = Kind::tnef},
    {.bytes = "(This file must be converted with BinHex"sv, .kind = Kind::binhex},
    {.bytes = "\x03\0\x08\0"sv, .kind = Kind::android_manifest},
    {.bytes = "\x02\0\x0c\0"sv, .kind = Kind::android_resources},
    {.bytes = "\xfe\xed\xfa\xce"sv, .kind = Kind::macho},
    {.bytes = "\xfe\xed\xfa\xcf"sv, .kind = Kind::macho},
    {.bytes = "\xce\xfa\xed\xfe"sv, .kind = Kind::macho},
    {.bytes = "\xcf\xfa\xed\xfe"sv, .kind = Kind::macho},
    {.bytes = "\x89PNG\r\n\x1a\n"sv, .kind = Kind::png},
    {.bytes = "\xff\xd8\xff"sv, .kind = Kind::jpeg},
    {.bytes = "GIF87a"sv, .kind = Kind::gif},
    {.bytes = "GIF89a"sv, .kind = Kind::gif},
    {.bytes = "II*\0"sv, .kind = Kind::tiff},
    {.bytes = "MM\0*"sv, .kind = Kind::tiff},
    {.bytes = "WEBP"sv, .kind = Kind::webp, .at = 8},
    {.bytes = "RIFF"sv, .kind = Kind::riff},
    {.bytes = "ftyphei"sv, .kind = Kind::heif, .at = 4},
    {.bytes = "ftypmif1"sv, .kind = Kind::heif, .at = 4},
    {.bytes = "ftypavif"sv, .kind = Kind::heif, .at = 4},
    {.bytes = "ftyp"sv, .kind = Kind::mpeg4, .at = 4},
    {.bytes = "ID3"sv, .kind = Kind::mpeg_audio},
    {.bytes = "OggS"sv, .kind = Kind::ogg},
    {.bytes = "fLaC"sv, .kind = Kind::flac},
    {.bytes = "\x1a\x45\xdf\xa3"sv, .kind = Kind::matroska},
    {.bytes = "FWS"sv, .kind = Kind::flash},
    {.bytes = "CWS"sv, .kind = Kind::flash},
    {.bytes = "ZWS"sv, .kind = Kind::flash},
    {.bytes = "SQLite format 3\0"sv, .kind = Kind::sqlite},
    {.bytes = "OTTO\0"sv, .kind = Kind::font},
    {.bytes = "\0\1\0\0\0"sv, .kind = Kind::font},
    {.bytes = "wOF2"sv, .kind = Kind::font},
});

constexpr std::size_t kPdfSearchBytes = 1024;
constexpr std::size_t kTextHeadBytes = 4096;
constexpr std::size_t kTextSureBytes = 1024;  // what lies behind them may hold anything

bool is_pe(std::string_view head) {
  constexpr std::size_t kHeaderOffsetAt = 0x3c;
  if (!head.starts_with("MZ") || head.size() < kHeaderOffsetAt + 4) return false;
  std::size_t at = 0;
  for (std::size_t i = 4; i > 0; --i) {
    at = at << 8 | static_cast<std::uint8_t>(head[kHeaderOffsetAt + i - 1]);
  }
  return at < head.size() && head.substr(at).starts_with("PE\0\0"sv);
}

// Java classes and universal Mach-O share a magic. The next number is a class version (45 and up)
// or the number of architectures, which is small.
Kind cafebabe(std::string_view head) {
  constexpr std::uint8_t kFirstJavaVersion = 45;
  if (head.size() < 8) return Kind::unknown;
  return static_cast<std::uint8_t>(head[7]) >= kFirstJavaVersion ? Kind::java_class
                                                                 : Kind::macho_universal;
}

std::uint32_t byte_at(std::string_view head, std::size_t at) {
  return at < head.size() ? static_cast<std::uint8_t>(head[at]) : 0;
}
std::uint32_t word_at(std::string_view head, std::size_t at) {
  return byte_at(head, at) | byte_at(head, at + 1) << 8;
}

// Short magics are also met by chance, and what is no archive must not be called a damaged one: the
// fields behind them must be possible too.
bool is_possible(Kind kind, std::string_view head) {
  switch (kind) {
    case Kind::gzip: return byte_at(head, 2) == 8;
    case Kind::bzip2:
      return byte_at(head, 3) >= '1' && byte_at(head, 3) <= '9'
             && (head.substr(4).starts_with("1AY&SY")
                 || head.substr(4).starts_with("\x17rE8P\x90"));
    case Kind::lzma: {  // the unpacked size: unknown, or below 2^40
      constexpr std::size_t kHeaderBytes = 13;
      if (head.size() < kHeaderBytes) return false;
      const std::string_view size = head.substr(5, 8);
      return size.find_first_not_of('\xff') == size.npos || size.substr(5) == "\0\0\0"sv;
    }
    case Kind::compress: return (byte_at(head, 2) & 0x1f) >= 9 && (byte_at(head, 2) & 0x1f) <= 16;
    case Kind::cpio: {  // the binary ones: the length of the first name
      constexpr std::uint32_t kNameMax = 1024;
      if (head.starts_with("0707")) return true;
      const std::uint32_t size =
          byte_at(head, 0) == 0xc7 ? word_at(head, 20) : byte_at(head, 20) << 8 | byte_at(head, 21);
      return size > 0 && size <= kNameMax;
    }
    case Kind::arj: {  // the length of the header, and of its first part
      constexpr std::uint32_t kHeaderMax = 2600;
      const std::uint32_t size = word_at(head, 2);
      return size >= 30 && size <= kHeaderMax && byte_at(head, 4) >= 30;
    }
    case Kind::lha: return byte_at(head, 6) == '-';
    default: return true;
  }
}

// The sum of a tar header, its own field taken as spaces, stands in that field as octal digits: the
// only mark of tars from before 1988.
bool is_old_tar(std::string_view head) {
  constexpr std::size_t kHeaderBytes = 512;
  constexpr std::size_t kSumAt = 148;
  if (head.size() < kHeaderBytes || head[0] == 0) return false;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kHeaderBytes; ++i) {
    sum += i >= kSumAt && i < kSumAt + 8 ? ' ' : static_cast<std::uint8_t>(head[i]);
  }
  std::uint32_t said = 0;
  std::size_t digits = 0;
  for (const char c : head.substr(kSumAt, 8)) {
    if (c >= '0' && c <= '7') {
      said = said * 8 + static_cast<std::uint32_t>(c - '0');
      ++digits;
    } else if (digits > 0 || c != ' ') {
      break;
    }
  }
  return digits >= 4 && said == sum;
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; }

bool begins_with(std::string_view text, std::string_view opening) {
  return text.size() >= opening.size()
         && std::ranges::equal(opening, text.substr(0, opening.size()),
                               [](char a, char b) { return a == small(b); });
}

bool is_html(std::string_view text) {
  constexpr auto kOpenings = std::to_array<std::string_view>(
      {"<!doctype html", "<html", "<head", "<body", "<script", "<title", "<table", "<iframe",
       "<a href", "<meta ", "<font ", "<img src", "<object"});
  constexpr auto kAnywhere = std::to_array<std::string_view>({"<html", "<script", "<iframe"});
  const auto starts = [&](std::string_view s) {
    s.remove_prefix(std::min(s.find_first_not_of(" \t\r\n"), s.size()));
    return std::ranges::any_of(kOpenings, [&](std::string_view o) { return begins_with(s, o); });
  };
  if (starts(text)) return true;
  for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
    const std::string_view tag = text.substr(at);
    if (std::ranges::any_of(kAnywhere, [&](std::string_view o) { return begins_with(tag, o); })) {
      return true;
    }
  }
  return false;
}

// A message begins with header lines; one of them must be one that only messages have.
bool is_mail(std::string_view text) {
  constexpr auto kFields = std::to_array<std::string_view>(
      {"received:", "return-path:", "message-id:", "mime-version:", "delivered-to:", "from:", "to:",
       "x-mozilla-status:", "x-mailer:", "reply-to:", "subject:", "date:", "content-type:"});
  constexpr std::size_t kFieldsNeeded = 2;
  if (text.starts_with("From ")) return true;
  std::size_t fields = 0;
  for (std::size_t line = 0; line < 32 && !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    const std::string_view now = text.substr(0, end);
    if (now.empty() || now == "\r") break;
    if (std::ranges::any_of(kFields, [&](std::string_view f) { return begins_with(now, f); })) {
      if (++fields == kFieldsNeeded) return true;
    } else if (line == 0) {
      const std::size_t colon = now.find(':');
      if (colon == std::string_view::npos || now.find(' ') < colon) return false;
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return false;
}

// Behind other text a message must look more like one: a field that transport wrote, others around.
bool has_mail_behind(std::string_view text) {
  constexpr auto kSure = std::to_array<std::string_view>(
      {"received: ", "return-path: ", "mime-version: ", "message-id: "});
  std::array<bool, kSure.size()> is_met{};  // the first of each counts
  std::size_t before = 0;                   // where the line before begins
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', end + 1)) {
    const std::string_view line = text.substr(end + 1);
    for (std::size_t i = 0; i < kSure.size(); ++i) {
      if (is_met[i] || !begins_with(line, kSure[i])) continue;
      is_met[i] = true;
      if (is_mail(text.substr(before)) || is_mail(line)) return true;
    }
    before = end + 1;
  }
  return false;
}

bool is_uuencoded(std::string_view text) {
  const std::size_t at = text.find("begin ");
  return at != std::string_view::npos && (at == 0 || text[at - 1] == '\n') && text.size() > at + 10
         && text[at + 6] >= '0' && text[at + 6] <= '7' && text[at + 9] == ' ';
}

std::optional<Kind> utf16(std::string_view head) {
  if (head.starts_with("\xff\xfe"sv)) return Kind::text_utf16_le;
  if (head.starts_with("\xfe\xff"sv)) return Kind::text_utf16_be;
  if (head.size() < 8) return std::nullopt;
  const std::size_t end = std::min<std::size_t>(head.size() & ~std::size_t{1}, 512);
  for (const std::size_t zero : {1U, 0U}) {
    bool holds = true;
    for (std::size_t i = 0; holds && i < end; i += 2) {
      const auto byte = static_cast<std::uint8_t>(head[i + 1 - zero]);
      holds = head[i + zero] == 0 && byte < 0x80 && (byte >= 0x20 || (byte >= 9 && byte <= 13));
    }
    if (holds) return zero == 1 ? Kind::text_utf16_le : Kind::text_utf16_be;
  }
  return std::nullopt;
}

// A few control bytes do not make it something else than text, as long as there is no zero.
constexpr std::size_t kTextPerStray = 32;

std::string narrow(std::string_view wide, Kind kind) {
  std::string text;
  for (std::size_t i = kind == Kind::text_utf16_be ? 1 : 0; i < wide.size(); i += 2) {
    text += wide[i];
  }
  text.erase(0, text.starts_with('\xff') || text.starts_with('\xfe') ? 1 : 0);
  return text;
}

Kind kind_of_text(std::string_view head) {
  bool ascii = true;
  std::size_t strays = 0;
  const std::string_view sure = head.substr(0, kTextSureBytes);
  for (const char c : sure) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool is_control = byte < 0x20 || byte == 0x7f;
    const bool is_in_text =
        (byte >= 0x07 && byte <= 0x0a) || byte == 0x0c || byte == 0x0d || byte == 0x1b;
    if (byte == 0) return Kind::unknown;
    if (is_control && !is_in_text) ++strays;
    ascii = ascii && byte < 0x80;
  }
  if (strays > 0) return strays <= sure.size() / kTextPerStray ? Kind::text_ascii : Kind::unknown;
  if (head.starts_with("#!")) return Kind::script;
  if (is_mail(head) || is_uuencoded(head) || has_mail_behind(head)) return Kind::mail;
  if (head.find("(This file must be converted with BinHex") != std::string_view::npos) {
    return Kind::binhex;
  }
  if (is_html(head)) return Kind::html;
  return ascii ? Kind::text_ascii : Kind::text_utf8;
}

constexpr auto kNames = std::to_array<std::string_view>({"unknown",
                                                         "zip",
                                                         "gzip",
                                                         "bzip2",
                                                         "xz",
                                                         "lzma",
                                                         "zstd",
                                                         "lz4",
                                                         "compress",
                                                         "tar",
                                                         "cpio",
                                                         "ar",
                                                         "seven_zip",
                                                         "cab",
                                                         "rar",
                                                         "iso9660",
                                                         "lha",
                                                         "xar",
                                                         "arj",
                                                         "chm",
                                                         "sis",
                                                         "szdd",
                                                         "pdf",
                                                         "ole2",
                                                         "rtf",
                                                         "tnef",
                                                         "binhex",
                                                         "elf",
                                                         "pe",
                                                         "pe_memory",
                                                         "macho",
                                                         "macho_universal",
                                                         "java_class",
                                                         "dex",
                                                         "oat",
                                                         "art",
                                                         "android_manifest",
                                                         "android_resources",
                                                         "mail",
                                                         "html",
                                                         "script",
                                                         "text_ascii",
                                                         "text_utf8",
                                                         "text_utf16_le",
                                                         "text_utf16_be",
                                                         "png",
                                                         "jpeg",
                                                         "gif",
                                                         "tiff",
                                                         "webp",
                                                         "bmp",
                                                         "heif",
                                                         "mpeg4",
                                                         "mpeg_audio",
                                                         "ogg",
                                                         "flac",
                                                         "matroska",
                                                         "riff",
                                                         "flash",
                                                         "sqlite",
                                                         "font"});
static_assert(kNames.size() == static_cast<std::size_t>(Kind::font) + 1);

}  // namespace

Kind kind_of(ByteView object) {
  const std::string_view head = as_text(object.first(std::min(object.size(), kHeadBytesMax)));
  if (head.empty()) return Kind::unknown;
  if (is_pe(head)) return Kind::pe;
  if (head.starts_with("\xca\xfe\xba\xbe")) return cafebabe(head);
  for (const Magic& magic : kMagics) {
    if (head.size() > magic.at && head.substr(magic.at).starts_with(magic.bytes)
        && is_possible(magic.kind, head)) {
      return magic.kind;
    }
  }
  if (head.substr(0, kPdfSearchBytes).find("%PDF-") != std::string_view::npos) return Kind::pdf;
  if (head.starts_with("BM") && head.size() > 14 && head.substr(6, 4) == "\0\0\0\0"sv) {
    return Kind::bmp;
  }
  if (is_old_tar(head)) return Kind::tar;
  const std::string_view text = head.substr(0, kTextHeadBytes);
  if (const auto wide = utf16(text)) {
    return is_html(narrow(text, *wide)) ? Kind::html : *wide;
  }
  const Kind kind = kind_of_text(text);
  // The mark of programs alone: they load nowhere, and are compared as programs all the same.
  return kind == Kind::unknown && head.starts_with("MZ") ? Kind::pe : kind;
}

bool begins_as_mail(ByteView message) {
  constexpr auto kOpenings = std::to_array<std::string_view>({">From ",
                                                              "Date: ",
                                                              "Delivered-To: ",
                                                              "Delivery-date: ",
                                                              "Envelope-to: ",
                                                              "For: ",
                                                              "From ",
                                                              "From: ",
                                                              "Hi. This is the qmail-send",
                                                              "Message-ID: ",
                                                              "Message-Id: ",
                                                              "Received: ",
                                                              "Return-Path: ",
                                                              "Return-path: ",
                                                              "Subject: ",
                                                              "To: ",
                                                              "X-Apparently-To: ",
                                                              "X-EVS",
                                                              "X-Envelope-From: ",
                                                              "X-Original-To: ",
                                                              "X-Real-To: ",
                                                              "X-Sieve: ",
                                                              "X-Symantec-",
                                                              "X-UIDL: ",
                                                              "Received-SPF: "});
  const std::string_view text = as_text(message);
  return std::ranges::any_of(kOpenings, [&](auto opening) { return text.starts_with(opening); });
}

std::optional<Kind> wide_text(ByteView head) {
  return utf16(as_text(head.first(std::min(head.size(), kTextHeadBytes))));
}

Target target_of(Kind kind) {
  switch (kind) {
    case Kind::pe:
    case Kind::pe_memory: return Target::pe;
    case Kind::ole2: return Target::ole2;
    case Kind::html: return Target::html;
    case Kind::mail: return Target::mail;
    case Kind::png:
    case Kind::jpeg:
    case Kind::gif:
    case Kind::tiff:
    case Kind::bmp: return Target::graphics;
    case Kind::elf: return Target::elf;
    case Kind::script:
    case Kind::text_ascii:
    case Kind::text_utf8:
    case Kind::text_utf16_le:
    case Kind::text_utf16_be: return Target::ascii;
    case Kind::macho:
    case Kind::macho_universal: return Target::macho;
    case Kind::pdf: return Target::pdf;
    case Kind::flash: return Target::flash;
    case Kind::java_class: return Target::java;
    case Kind::unknown:
    // ClamAV knows no such archives: to signatures they are of no kind.
    case Kind::lzma:
    case Kind::zstd:
    case Kind::lz4:
    case Kind::compress:
    case Kind::ar:
    case Kind::dex:
    case Kind::oat:
    case Kind::art:
    case Kind::android_manifest:
    case Kind::android_resources:
    case Kind::heif:
    case Kind::mpeg4:
    case Kind::flac:
    case Kind::matroska:
    case Kind::font: return Target::other;
    default: return Target::any;
  }
}

Target target_of(ByteView head) { return target_of(kind_of(head)); }

std::string_view name_of(Kind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

bool is_text(Kind kind) { return kind >= Kind::script && kind <= Kind::text_utf16_be; }

bool may_hold_objects(Kind kind) {
  return (kind >= Kind::zip && kind <= Kind::binhex) || kind == Kind::pe || kind == Kind::pe_memory
         || kind == Kind::macho_universal || kind == Kind::mail || kind == Kind::html
         || kind == Kind::flash;
}

}  // namespace amanat::unpack
