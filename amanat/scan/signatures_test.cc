#include "amanat/scan/signatures.h"

#include <array>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::scan;

TEST_CASE("a hash signature is read by the length of its digest") {
  const auto md5 = parse_hash_signature("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature");
  REQUIRE(md5);
  CHECK(md5->kind == crypto::DigestKind::md5);
  CHECK(md5->size == 68);
  CHECK(md5->name == "Eicar-Test-Signature");
  const auto sha1 = parse_hash_signature(std::string(40, 'A') + ":1:x");
  REQUIRE(sha1);
  CHECK(sha1->kind == crypto::DigestKind::sha1);
  const auto sha256 = parse_hash_signature(std::string(64, '0') + ":*:x:73");
  REQUIRE(sha256);
  CHECK(sha256->kind == crypto::DigestKind::sha256);
  CHECK_FALSE(sha256->size.has_value());
}

TEST_CASE("a hash line that cannot be applied says why") {
  const std::string md5(32, 'a');
  struct Case {
    std::string line;
    NotApplied reason;
  };
  const auto cases = std::to_array<Case>({
      {md5, NotApplied::malformed},
      {md5 + ":1", NotApplied::malformed},
      {md5 + ":1:", NotApplied::malformed},
      {md5 + ":0:empty", NotApplied::malformed},
      {md5 + ":-1:x", NotApplied::malformed},
      {md5 + ":1x:x", NotApplied::malformed},
      {md5 + ":99999999999999999999:x", NotApplied::malformed},
      {md5 + ":*:x", NotApplied::malformed},     // any size needs a level
      {md5 + ":*:x:72", NotApplied::malformed},  // and this is not it
      {md5 + ":1:x:y", NotApplied::malformed},
      {md5 + ":1:x:73:255:0", NotApplied::malformed},
      {md5 + "a:1:x", NotApplied::malformed},
      {std::string(32, 'g') + ":1:x", NotApplied::malformed},
      {md5 + ":1:x:9999", NotApplied::engine_newer},
      {md5 + ":1:x:10:20", NotApplied::engine_older},
  });
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const auto parsed = parse_hash_signature(c.line);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == c.reason);
  }
}

TEST_CASE("a body signature is a target, a place and bytes") {
  const auto anywhere = parse_body_signature("{HEX}a.b.1:0:*:DEADbeef");
  REQUIRE(anywhere);
  CHECK(anywhere->name == "{HEX}a.b.1");
  CHECK(anywhere->target == Target::any);
  CHECK(anywhere->bytes == Bytes{0xde, 0xad, 0xbe, 0xef});
  CHECK(anywhere->offset == Offset{});
  const auto end = parse_body_signature("x:6:EOF-500,20:01020304");
  REQUIRE(end);
  CHECK(end->target == Target::elf);
  CHECK(end->offset == Offset{.from = Offset::From::end, .distance = 500, .shift = 20});
}

TEST_CASE("a body line that cannot be expressed says why") {
  struct Case {
    std::string_view line;
    NotApplied reason;
  };
  const auto cases = std::to_array<Case>({
      {"x:0:*", NotApplied::malformed},
      {":0:*:01020304", NotApplied::malformed},
      {"x:0:*:0102030", NotApplied::malformed},
      {"x:0:*:", NotApplied::malformed},
      {"x:0:*:0102 304", NotApplied::malformed},
      {"x:0:-1:01020304", NotApplied::malformed},
      {"x:0:EOF+1:01020304", NotApplied::malformed},
      {"x:0:1,:01020304", NotApplied::malformed},
      {"x:a:*:01020304", NotApplied::malformed},
      {"x:8:*:01020304", NotApplied::unknown_target},
      {"x:13:*:01020304", NotApplied::unknown_target},
      {"x:3:*:01020304", NotApplied::target_normalised},
      {"x:4:*:01020304", NotApplied::target_undetected},
      {"x:1:EP+0:01020304", NotApplied::offset_in_program},
      {"x:1:S2+10:01020304", NotApplied::offset_in_program},
      {"x:1:SE0:01020304", NotApplied::offset_in_program},
      {"x:7:EOF-9:01020304", NotApplied::offset_in_text},
      {"x:0:*:0102??0304", NotApplied::wildcards},
      {"x:0:*:01020304*05060708", NotApplied::wildcards},
      {"x:0:*:0102{2-3}0304", NotApplied::wildcards},
      {"x:0:*:(B)01020304", NotApplied::wildcards},
      {"x:0:*:010203", NotApplied::too_short},
      {"x:0:*:01020304:9999", NotApplied::engine_newer},
      {"x:0:*:01020304:1:2", NotApplied::engine_older},
  });
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const auto parsed = parse_body_signature(c.line);
    REQUIRE_FALSE(parsed);
    CHECK(describe(parsed.error()) == describe(c.reason));
  }
  CHECK_FALSE(parse_body_signature("x:0:*:" + std::string(2 * 4097, '1')));
  CHECK(parse_body_signature("x:0:*:" + std::string(2 * 4096, '1')));
}

TEST_CASE("a place admits exactly the positions of its range") {
  struct Case {
    Offset offset;
    std::uint64_t position;
    bool admitted;
  };
  constexpr std::uint64_t kSize = 100;
  const auto cases = std::to_array<Case>({
      {{}, 77, true},
      {{.from = Offset::From::start, .distance = 5}, 4, false},
      {{.from = Offset::From::start, .distance = 5}, 5, true},
      {{.from = Offset::From::start, .distance = 5}, 6, false},
      {{.from = Offset::From::start, .distance = 5, .shift = 2}, 7, true},
      {{.from = Offset::From::start, .distance = 5, .shift = 2}, 8, false},
      {{.from = Offset::From::end, .distance = 10}, 90, true},
      {{.from = Offset::From::end, .distance = 10}, 91, false},
      {{.from = Offset::From::end, .distance = 100}, 0, true},
      {{.from = Offset::From::end, .distance = 101}, 0, false},
  });
  for (const Case& c : cases) {
    CAPTURE(c.position);
    CHECK(c.offset.admits(c.position, kSize) == c.admitted);
  }
}

TEST_CASE("an ignore list names signatures, with or without the digest of their line") {
  const auto plain = parse_ignored_name("Sig.One.UNOFFICIAL");
  REQUIRE(plain);
  CHECK(plain->name == "Sig.One");
  CHECK_FALSE(plain->line_md5.has_value());
  const auto exact = parse_ignored_name("Sig.Two:" + std::string(32, 'A'));
  REQUIRE(exact);
  CHECK(exact->line_md5 == std::string(32, 'a'));
  CHECK_FALSE(parse_ignored_name(""));
  CHECK_FALSE(parse_ignored_name("a:b"));
  CHECK_FALSE(parse_ignored_name("a:b:c"));
}
