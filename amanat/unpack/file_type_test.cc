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
      {""sv, Target::any},
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
      {"text\0with a zero"sv, Target::any},
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
  CHECK(target_of(as_bytes(head)) == Target::any);
  head.replace(0x80, 2, "PE");
  CHECK(target_of(as_bytes(head)) == Target::pe);
  head[0x3f] = '\x7f';  // the second header lies outside
  CHECK(target_of(as_bytes(head)) == Target::any);
}
