#include "amanat/unpack/file_type.h"

#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::unpack;
using namespace std::string_view_literals;

TEST_CASE("the first bytes tell the kind of a file") {
  struct Case {
    std::string_view head;
    Target target;
  };
  const auto cases = std::to_array<Case>({
      {""sv, Target::other},
      {"\x7f\x45LF\x02\x01"sv, Target::elf},
      {"MZ but no program"sv, Target::ascii},
      {"%PDF-1.7\n"sv, Target::pdf},
      {"junk before\n%PDF-1.7\n"sv, Target::pdf},
      {"\xca\xfe\xba\xbe\0\0\0\x34"sv, Target::java},
      {"\xca\xfe\xba\xbe\0\0\0\x02"sv, Target::macho},
      {"\xff\xd8\xff\xe0"sv, Target::graphics},
      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, Target::ole2},
      {"  \r\n<!DOCTYPE HTML>"sv, Target::html},
      {"plain text, with \xc3\xa9"sv, Target::ascii},
      {"text\0with a zero"sv, Target::other},
  });
  for (const Case& c : cases) {
    CAPTURE(c.head);
    CHECK(target_of(as_bytes(c.head)) == c.target);
  }
}

TEST_CASE("a program of Windows is told by both its magics") {
  std::string head(0x84, '\0');
  head.replace(0, 2, "MZ");
  head[0x3c] = '\x80';
  head.replace(0x80, 2, "PE");
  CHECK(target_of(as_bytes(head)) == Target::pe);
  head[0x3f] = '\x7f';  // the second header lies outside: broken, and compared as a program
  CHECK(target_of(as_bytes(head)) == Target::pe);
}

TEST_CASE("kinds are told by content and have a name and a target") {
  struct Case {
    std::string_view head;
    Kind kind;
    Target target;
  };
  const auto cases = std::to_array<Case>({
      {"PK\3\4"sv, Kind::zip, Target::any},
      {"\x1f\x8b\x08"sv, Kind::gzip, Target::any},
      {"\x1f\x8b\x09"sv, Kind::unknown, Target::other},  // by chance
      {"\x5d\0\0\1\2\3\4\5\6\7\1\2\3"sv, Kind::unknown, Target::other},
      {"\x60\xea\xff\xff\1"sv, Kind::unknown, Target::other},
      {"BZhello"sv, Kind::text_ascii, Target::ascii},
      {"dex\n035\0"sv, Kind::dex, Target::other},
      {"\x03\0\x08\0"sv, Kind::android_manifest, Target::other},
      {"SQLite format 3\0"sv, Kind::sqlite, Target::any},
      {"\x89PNG\r\n\x1a\n"sv, Kind::png, Target::graphics},
      {"RIFF\0\0\0\0WEBPVP8 "sv, Kind::webp, Target::any},
      {"CWS\x0a"sv, Kind::flash, Target::flash},
      {"#!/bin/sh\n"sv, Kind::script, Target::ascii},
      {"From: a\nTo: b\n\nx"sv, Kind::mail, Target::mail},
      {"Received: x\n\ty\nSubject: b\n\nx"sv, Kind::mail, Target::mail},
      {"Note: this is\nTo: do\n"sv, Kind::text_ascii, Target::ascii},
      {"{\\rtf1 x}"sv, Kind::rtf, Target::any},
      {"text <script>x"sv, Kind::html, Target::html},
      {"caf\xc3\xa9"sv, Kind::text_utf8, Target::ascii},
      {"\xff\xfe\x41\0"sv, Kind::text_utf16_le, Target::ascii},
      {"\0a\0b\0c\0d\0e"sv, Kind::text_utf16_be, Target::ascii},
      {"\xff\xfe<\0h\0t\0m\0l\0>\0"sv, Kind::html, Target::html},
      {"words before\nMIME-Version: 1.0\nTo: b\n\nx"sv, Kind::mail, Target::mail},
      {"a bell \7 is text, and one control byte \1 too"sv, Kind::text_ascii, Target::ascii},
      {"\1\2\3\4"sv, Kind::unknown, Target::other},
  });
  for (const Case& c : cases) {
    CAPTURE(name_of(c.kind));
    CAPTURE(name_of(kind_of(as_bytes(c.head))));
    CHECK(kind_of(as_bytes(c.head)) == c.kind);
    CHECK(target_of(c.kind) == c.target);
  }
}

TEST_CASE("plain text with a tag of a page is a page to signatures, wherever the tag stands") {
  const std::string far(100'000, 'x');
  for (const std::string_view tag :
       {"<html>"sv, "<SCRIPT src"sv, "<iframe"sv, "<Img"sv, "<a title=b HREF=c"sv, "<table>"sv}) {
    CAPTURE(tag);
    CHECK(becomes_page(as_bytes(far + std::string(tag))));
  }
  for (const std::string_view text : {"<html x>"sv, "<sCRIPT"sv, "a < b href"sv, "<a b c"sv,
                                      "<abbr href"sv, "< img"sv, "<"sv, ""sv, "href <a "sv}) {
    CAPTURE(text);
    CHECK_FALSE(becomes_page(as_bytes(text)));
  }
}

TEST_CASE("a message that begins with a line of another kind is text too") {
  CHECK(begins_as_mail(as_bytes("From: a\nTo: b\n"sv)));
  CHECK(begins_as_mail(as_bytes("From html-normalise\n"sv)));
  CHECK_FALSE(begins_as_mail(as_bytes("X-Other: a\nTo: b\n"sv)));
  CHECK_FALSE(begins_as_mail(as_bytes("from: a\n"sv)));
  CHECK_FALSE(begins_as_mail({}));
}
