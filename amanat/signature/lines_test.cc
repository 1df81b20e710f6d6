#include <array>

#include <doctest/doctest.h>

#include "amanat/signature/signature.h"

namespace amanat::signature {
namespace {

std::optional<Reason> reason_of(Kind kind, std::string_view line) {
  const auto parsed = parse_line(kind, line);
  if (parsed) return std::nullopt;
  return parsed.error().reason;
}

constexpr std::string_view kMd5 = "44d88612fea8a8f36de82e1278abb02f";

std::string md5_line(std::string_view rest) { return std::string(kMd5) + std::string(rest); }

}  // namespace

TEST_CASE("a file's name says what its lines are") {
  CHECK(kind_of("daily.ldb") == FileKind{Kind::logicals, false});
  CHECK(kind_of("main.hdu") == FileKind{Kind::file_hashes, true});
  CHECK(kind_of("a.sfp") == FileKind{Kind::allowed_hashes, false});
  CHECK_FALSE(kind_of("bytecode.cbc").has_value());
  CHECK_FALSE(kind_of("daily").has_value());
}

TEST_CASE("hash lines are read and printed") {
  for (const auto& [kind, line] : std::to_array<std::pair<Kind, std::string>>({
           {Kind::file_hashes, md5_line(":68:Eicar-Test-Signature")},
           {Kind::file_hashes, std::string(40, 'a') + ":1:Test.Sha1"},
           {Kind::file_hashes, std::string(64, 'b') + ":4294967294:Test.Sha256"},
           {Kind::file_hashes, md5_line(":*:Test.AnySize:73")},
           {Kind::allowed_hashes, md5_line(":68:a known good file")},
           {Kind::section_hashes, "4096:" + md5_line(":Test.Section")},
       })) {
    CAPTURE(line);
    const auto parsed = parse_line(kind, line);
    REQUIRE(parsed.has_value());
    CHECK(print(std::get<HashSignature>(*parsed)) == line);
  }
}

TEST_CASE("hash lines of the wrong shape, or for other engines, are refused") {
  struct Case {
    std::string line;
    Reason reason;
  };
  for (const Case& c : std::to_array<Case>({
           {"", Reason::comment},
           {"# nothing", Reason::comment},
           {md5_line(":68"), Reason::malformed},
           {md5_line(":0:Empty"), Reason::malformed},
           {md5_line(":4294967295:TooLarge"), Reason::malformed},
           {md5_line(":x:Name"), Reason::malformed},
           {md5_line(":68:"), Reason::malformed},
           {md5_line("00:68:Name"), Reason::malformed},
           {md5_line(":*:Name"), Reason::malformed},
           {md5_line(":*:Name:72"), Reason::malformed},
           {md5_line(":68:Name:217"), Reason::engine_newer},
           {md5_line(":68:Name:51:99"), Reason::engine_older},
           {md5_line(":68:Name:51:255:1"), Reason::malformed},
           {std::string(kLineBytesMax + 1, 'a'), Reason::too_long},
       })) {
    CAPTURE(c.line.substr(0, 80));
    CHECK(reason_of(Kind::file_hashes, c.line) == c.reason);
  }
}

TEST_CASE("body lines are read and printed") {
  for (const std::string_view line :
       {"Test.A:0:*:616263", "Test.B:1:EP+0,15:616263", "Test.C:6:SE1:616263",
        "Test.D:9:S3+17,5:616263", "Test.E:1:SL+4:616263", "Test.F:1:VI:616263",
        "Test.G:0:$12$:616263", "Test.H:7:EOF-500,500:616263", "Test.I:0:0:6162{4-}6364"}) {
    CAPTURE(line);
    const auto parsed = parse_body_signature(line);
    REQUIRE(parsed.has_value());
    CHECK(print(*parsed) == line);
  }
  CHECK(parse_body_signature("A:*:*:616263\r\n") == parse_body_signature("A:0:*:616263"));
}

TEST_CASE("body lines with offsets and targets that do not go together are refused") {
  CHECK(reason_of(Kind::bodies, "A:0:EP+0:616263") == Reason::malformed);
  CHECK(reason_of(Kind::bodies, "A:0:SE0:616263") == Reason::malformed);
  CHECK(reason_of(Kind::bodies, "A:0:$32$:616263") == Reason::malformed);
  CHECK(reason_of(Kind::bodies, "A:0:x:616263") == Reason::malformed);
  CHECK(reason_of(Kind::bodies, "A:0:1,x:616263") == Reason::malformed);
  CHECK(reason_of(Kind::bodies, "A:15:*:616263") == Reason::unknown_target);
  CHECK(reason_of(Kind::bodies, "A:x:*:616263") == Reason::malformed);
  CHECK(reason_of(Kind::bodies, "A:0:*") == Reason::malformed);
  CHECK(reason_of(Kind::bodies, "A:0:*:61") == Reason::too_short);
  CHECK(reason_of(Kind::bodies, "A:0:*:616263:300") == Reason::engine_newer);
}

TEST_CASE("container lines are read and printed") {
  const auto parsed =
      parse_container("Test.Zip:CL_TYPE_ZIP:*:[.]exe$:1-20:30:1:*:*:a1b2c3d:51:255");
  REQUIRE(parsed.has_value());
  CHECK(parsed->container == ObjectType::find("CL_TYPE_ZIP"));
  CHECK_FALSE(parsed->container_size.has_value());
  CHECK(parsed->member_name == "[.]exe$");
  CHECK(parsed->packed_size == Range{1, 20});
  CHECK(parsed->size == Range{30, 30});
  CHECK(parsed->encrypted == true);
  CHECK(parsed->crc == 0x0a1b2c3dU);
  CHECK(parse_container(print(*parsed)) == parsed);

  CHECK(reason_of(Kind::containers, "A:CL_TYPE_NONE:*:*:*:*:*:*:*:*") == Reason::unknown_type);
  CHECK(reason_of(Kind::containers, "A:*:*:*:*:*:2:*:*:*") == Reason::malformed);
  CHECK(reason_of(Kind::containers, "A:*:x:*:*:*:*:*:*:*") == Reason::malformed);
  CHECK(reason_of(Kind::containers, "A:*:*:*:*:*:*:*:*") == Reason::malformed);
  CHECK(reason_of(Kind::containers, "A:*:*:*:*:*:*:*:*:*:217") == Reason::engine_newer);
}

TEST_CASE("certificate lines are read and printed") {
  const std::string sha1(40, 'c');
  const auto parsed =
      parse_certificate("Root;1;" + sha1 + ";;c0ffee;010001;1;0;1;1234;a comment;81");
  REQUIRE(parsed.has_value());
  CHECK(parsed->trusted);
  CHECK_FALSE(parsed->serial.has_value());
  CHECK(parsed->modulus == Bytes{0xc0, 0xff, 0xee});
  CHECK(parsed->signs_code);
  CHECK_FALSE(parsed->signs_time);
  CHECK(parsed->not_before == 1234);
  CHECK(parse_certificate(print(*parsed)) == parsed);
  CHECK(reason_of(Kind::certificates, "Root;2;" + sha1 + ";;c0;1;1;0;1;;") == Reason::malformed);
  CHECK(reason_of(Kind::certificates, "Root;1;" + sha1 + "0;;c0;1;1;0;1;;") == Reason::malformed);
}

TEST_CASE("ignored names are read in both forms") {
  CHECK(parse_ignored_name("Test.Name") == IgnoredName{"Test.Name", {}});
  CHECK(parse_ignored_name("daily.ndb:17:Test.Name") == IgnoredName{"Test.Name", {}});
  const auto with_line = parse_ignored_name("Test.Name:" + std::string(kMd5));
  REQUIRE(with_line.has_value());
  CHECK(with_line->line_md5.has_value());
  CHECK(parse_ignored_name(print(*with_line)) == with_line);
  const auto like_a_comment = parse_ignored_name("daily.mdb:17:#Name");
  REQUIRE(like_a_comment.has_value());
  CHECK(parse_ignored_name(print(*like_a_comment)) == like_a_comment);
  CHECK(reason_of(Kind::ignored_names, "Test.Name:1234") == Reason::malformed);
  CHECK(reason_of(Kind::ignored_names, "a:b:c:d") == Reason::malformed);
}

TEST_CASE("every reason has words") {
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    CHECK_FALSE(describe(static_cast<Reason>(i)).empty());
  }
}

TEST_CASE("types are found by name and by number") {
  CHECK(ObjectType::find("CL_TYPE_ANY")->is_any());
  CHECK(ObjectType::find("CL_TYPE_ZSTD")->name() == "ZSTD");
  CHECK(ObjectType::at(ObjectType::find("CL_TYPE_MAIL")->number())->name() == "MAIL");
  CHECK_FALSE(ObjectType::find("ZIP").has_value());
  CHECK_FALSE(ObjectType::at(255).has_value());
}

}  // namespace amanat::signature
