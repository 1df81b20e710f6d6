#include "amanat/threat/threat.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <set>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/signature/reference.h"
#include "amanat/threat/compile.h"
#include "amanat/threat/random_signatures.h"
#include "amanat/threat/regex.h"
#include "amanat/threat/test_database.h"

namespace amanat::threat {
namespace {
using signature::Object;
using signature::ObjectType;
using signature::Target;

std::set<std::string> names(const Findings& findings) {
  std::set<std::string> found;
  for (const Hit& hit : findings.hits) found.emplace(hit.name);
  return found;
}

std::set<std::string> scan(const Database& database, std::string_view text,
                           const ObjectFacts& facts = {}) {
  return names(Examiner(database).match_bytes(as_bytes(text), facts));
}

std::optional<signature::Match> match_regex(const signature::Regex& regex, ByteView text,
                                            std::uint64_t from, bool anchored) {
  const auto compiled = CompiledRegex::compile(regex.expression, regex.flags);
  if (!compiled) return std::nullopt;
  const auto found = compiled->find(text, from, anchored);
  if (!found || !*found) return std::nullopt;
  return signature::Match{(*found)->begin, (*found)->end};
}

ObjectType type(std::string_view name) { return *ObjectType::find(name); }
}  // namespace

TEST_CASE("a body signature is found in objects of its target, and any in all") {
  const Database database = database_of({{"a.ndb",
                                          "Any.One:0:*:616263646566\n"
                                          "Elf.Two:6:*:313233343536\n"
                                          "Any.Three:0:4,2:58595a58595a\n"}});
  CHECK(scan(database, "..abcdef..123456").count("Any.One") == 1);
  CHECK(scan(database, "..abcdef..123456").count("Elf.Two") == 0);
  CHECK(scan(database, "abcdef 123456", {.target = Target::elf}).size() == 2);
  CHECK(scan(database, "....XYZXYZ").size() == 1);
  CHECK(scan(database, "......XYZXYZ").size() == 1);
  CHECK(scan(database, ".......XYZXYZ").empty());
  CHECK(scan(database, "...XYZXYZ").empty());
  CHECK(scan(database, "").empty());
}

TEST_CASE("a logical signature asks for its parts, their counts and its conditions") {
  const Database database =
      database_of({{"a.ldb",
                    "Both;Engine:51-255,Target:0;0&1;616263646566;313233343536\n"
                    "Twice;Engine:51-255,Target:0;0>1;4f4e43454f4e4345\n"
                    "Without;Engine:51-255,Target:0;0&(1=0);48454c4c4f;5a5a5a5a\n"
                    "Small;Engine:51-255,FileSize:0-10,Target:0;0;71717171\n"
                    "InMail;Engine:51-255,Container:CL_TYPE_MAIL,Target:0;0;77777777\n"
                    "Case;Engine:81-255,Target:0;0;666f6f626172::i\n"
                    "Wide;Engine:81-255,Target:0;0;666f6f626172::w\n"}});
  CHECK(scan(database, "abcdef").empty());
  CHECK(scan(database, "123456 abcdef") == std::set<std::string>{"Both"});
  CHECK(scan(database, "ONCEONCE").empty());
  CHECK(scan(database, "ONCEONCE ONCEONCE") == std::set<std::string>{"Twice"});
  CHECK(scan(database, "HELLO") == std::set<std::string>{"Without"});
  CHECK(scan(database, "HELLO ZZZZ").empty());
  CHECK(scan(database, "qqqq") == std::set<std::string>{"Small"});
  CHECK(scan(database, "qqqq       ").empty());
  CHECK(scan(database, "wwww").empty());
  CHECK(scan(database, "wwww", {.around = {type("CL_TYPE_MAIL")}}).size() == 1);
  CHECK(scan(database, "wwww", {.around = {type("CL_TYPE_MAIL"), type("CL_TYPE_ZIP")}}).empty());
  CHECK(scan(database, "FooBar") == std::set<std::string>{"Case"});
  CHECK(scan(database, std::string("f\0o\0o\0b\0a\0r\0", 12)) == std::set<std::string>{"Wide"});
}

TEST_CASE("every answer is the one that the plain evaluator gives") {
  RandomSignatures random(21);
  int held = 0;
  for (int round = 0; round < 250; ++round) {
    const bool elf = random.one_in(2);
    std::vector<std::string> lines;
    std::vector<signature::Signature> signatures;
    std::string bodies;
    std::string logicals;
    for (int i = 0; i < 12; ++i) {
      const std::string name = "S" + std::to_string(i);
      const bool is_body = random.one_in(3);
      const std::string line =
          is_body ? random_body_line(random, name, elf) : random_logical_line(random, name, elf);
      const auto kind = is_body ? signature::Kind::bodies : signature::Kind::logicals;
      auto parsed = signature::parse_line(kind, line);
      if (!parsed) continue;
      (is_body ? bodies : logicals) += line + "\n";
      lines.push_back(line);
      signatures.push_back(std::move(*parsed));
    }
    const Database database = database_of({{"a.ndb", bodies}, {"a.ldb", logicals}});
    Examiner examiner(database);
    for (int i = 0; i < 4; ++i) {
      Bytes text = random.text(random.below(600));
      for (const signature::Signature& one : signatures) plant_some(random, one, text);
      const program::Executable executable = random_layout(random, text.size());
      const signature::Layout layout = layout_of(executable);
      const bool parses = elf && !random.one_in(4);
      const Object object{.text = text,
                          .target = elf ? Target::elf : Target::any,
                          .layout = parses ? &layout : nullptr,
                          .around = {},
                          .macro_matches = {}};
      const ObjectFacts facts{
          .target = object.target, .executable = parses ? &executable : nullptr, .around = {}};
      const auto found = names(examiner.match_bytes(text, facts));
      for (std::size_t s = 0; s < signatures.size(); ++s) {
        const auto* logical = std::get_if<signature::Logical>(&signatures[s]);
        const bool expected =
            logical != nullptr
                ? signature::evaluate(*logical, object, match_regex)
                : signature::evaluate(std::get<signature::BodySignature>(signatures[s]), object);
        CAPTURE(lines[s]);
        CAPTURE(to_hex(text));
        REQUIRE(found.contains(lines[s].substr(0, lines[s].find_first_of(":;"))) == expected);
        held += expected ? 1 : 0;
      }
    }
  }
  CHECK(held > 500);
}

TEST_CASE("a hash says what an object is; an allowed one silences; an ignored name is left out") {
  const std::string object = "the object";
  const std::string digest = to_hex(crypto::sha256(as_bytes(object)).bytes());
  const std::string size = std::to_string(object.size());
  const Database database = database_of({{"a.ign2", "Known.Ignored\n"},
                                         {"a.hsb", digest + ":" + size + ":Known.Object\n" + digest
                                                       + ":" + size + ":Known.Ignored\n"},
                                         {"a.sfp", digest + ":" + size + ":fine\n"}});
  Examiner examiner(database);
  CHECK(names(examiner.match_digests(as_bytes(object), {}))
        == std::set<std::string>{"Known.Object"});
  CHECK(examiner.match_digests(as_bytes("the objecT"), {}).hits.empty());
  CHECK(examiner.is_allowed(as_bytes(object)));
  CHECK_FALSE(examiner.is_allowed(as_bytes("the objecT")));
  CHECK(database.report().at(1).ignored == 1);
  CHECK(database.report().at(1).applied == 1);
}

TEST_CASE("names and sources say whether a hit is malware, unwanted or stalkerware") {
  Compiler compiler;
  const auto plain = compiler.add_source({"plain", "CC0-1.0", Class::malware});
  const auto spies = compiler.add_source({"spies", "CC-BY-4.0", Class::stalkerware});
  const signature::FileKind bodies = *signature::kind_of("a.ndb");
  compiler.add_file(plain, bodies, "PUA.Tool:0:*:61616161\nBad:0:*:62626262\n");
  compiler.add_file(spies, bodies, "Spy:0:*:63636363\n");
  compiler.add_file(plain, *signature::kind_of("a.ndu"), "Ad:0:*:64646464\n");
  const auto image = std::move(compiler).finish();
  REQUIRE(image);
  const auto database = Database::from_image(*image);
  REQUIRE(database);
  const Findings findings = Examiner(*database).match_bytes(as_bytes("aaaabbbbccccdddd"), {});
  REQUIRE(findings.hits.size() == 4);
  for (const Hit& hit : findings.hits) {
    const Class expected = hit.name == "Bad"   ? Class::malware
                           : hit.name == "Spy" ? Class::stalkerware
                                               : Class::unwanted;
    CHECK(hit.kind == expected);
  }
  CHECK(database->sources().at(findings.hits.front().source).licence == "CC0-1.0");
}

TEST_CASE("what cannot be applied is counted with its reason, and the rest is") {
  const Database database =
      database_of({{"a.ldb",
                    "# a comment\n"
                    "Image;Engine:150-255,Target:5;0;fuzzy_img#af2ad01ed42993c7\n"
                    "Icon;Engine:51-255,Target:1,IconGroup1:X;0;61616161\n"
                    "Broken;Engine\n"
                    "Newer;Engine:5000-6000,Target:0;0;61616161\n"
                    "Good;Engine:51-255,Target:0;0;61616161\n"}});
  const SourceReport report = database.report().at(0);
  CHECK(report.applied == 1);
  const auto count = [&](signature::Reason reason) {
    const auto left = std::ranges::find(report.left, reason, &Left::reason);
    return left == report.left.end() ? 0 : left->count;
  };
  CHECK(count(signature::Reason::unsupported) == 2);
  CHECK(count(signature::Reason::malformed) == 1);
  CHECK(count(signature::Reason::engine_newer) == 1);
  CHECK(count(signature::Reason::comment) == 0);
  CHECK(scan(database, "aaaa") == std::set<std::string>{"Good"});
}

TEST_CASE("members of archives are found by what the archive says of them") {
  const Database database =
      database_of({{"a.cdb", "Invoice:CL_TYPE_ZIP:*:invoice.*\\.exe$:*:1-5000:1:*:*:*\n"}});
  Examiner examiner(database);
  Member member{.container = type("CL_TYPE_ZIP"),
                .name = "invoice-7.exe",
                .size = 4000,
                .encrypted = true,
                .position = 1};
  CHECK(examiner.match_member(member).hits.size() == 1);
  member.encrypted = false;
  CHECK(examiner.match_member(member).hits.empty());
  member.encrypted = true;
  member.name = "invoice.exe.txt";
  CHECK(examiner.match_member(member).hits.empty());
}

TEST_CASE("a large object read in windows gives what its view gives, across their borders too") {
  constexpr std::size_t kBorder = std::size_t{512} << 10U;
  const std::string bodies =
      "Whole:0:*:30313233343536373839616263646566\n"
      "Far:0:*:46495253545f50415254*5345434f4e445f50415254\n"
      "End:0:EOF-7:6c6173742e2e2e\n";
  for (const std::size_t at : {std::size_t{0}, kBorder - 16, kBorder - 15, kBorder - 1, kBorder,
                               4 * kBorder - 9, std::size_t{2'900'000}}) {
    Bytes text(3'000'000, std::uint8_t{'.'});
    const auto put = [&](std::string_view what, std::size_t where) {
      std::ranges::copy(what, text.begin() + static_cast<std::ptrdiff_t>(where));
    };
    put("0123456789abcdef", at);
    put("FIRST_PART", 100);
    put("SECOND_PART", std::max<std::size_t>(at, 200) + 20);
    put("last...", text.size() - 7);
    crypto::Digest md5(crypto::DigestKind::md5);
    md5.update(text);
    const Database database =
        database_of({{"a.ndb", bodies}, {"a.hdb", to_hex(md5.finish()) + ":3000000:Hash\n"}});
    Examiner examiner(database);
    std::size_t shown = 0;
    const ReadWindow whole = [&](std::uint64_t begin, std::size_t size) {
      shown += size;
      return ByteView(text).subspan(begin, size);
    };
    const ReadWindow cut = [&](std::uint64_t begin, std::size_t size) {
      return ByteView(text).subspan(begin, size / 2);
    };
    const auto expected = examiner.match_bytes(text, {}).hits;
    CHECK(expected.size() == 3);
    CHECK(examiner.match_bytes(text, {.read = &whole}).hits == expected);
    CHECK(shown >= text.size());
    CHECK(examiner.match_bytes(text, {.read = &cut}).hits == expected);
    CHECK(examiner.match_digests(text, {.read = &whole}).hits.size() == 1);
    CHECK(examiner.match_digests(text, {.read = &cut}).hits.size() == 1);
  }
}

TEST_CASE("reaching the limit of work is said, not taken for clean") {
  const Database database = database_of({{"a.ndb", "Zeros:0:*:00000000{1-9}00000000{1-9}0001\n"}});
  const Bytes zeros(20000);
  Examiner strict(database, {.steps = 100, .steps_per_byte = 0});
  CHECK_FALSE(strict.match_bytes(zeros, {}).complete);
  CHECK(Examiner(database).match_bytes(zeros, {}).complete);
}

TEST_CASE("the same signatures give the same file, and a file is used where it is mapped") {
  const std::vector<TestFile> files{{"a.ndb", "One:0:*:616263646566\n"},
                                    {"a.ldb", "Two;Engine:51-255,Target:0;0&1;61626364;65666768\n"},
                                    {"a.hdb", "0cc175b9c0f1b6a831c399e269772661:1:Three\n"}};
  const Bytes image = image_of(files);
  CHECK(image == image_of(files));
  const auto path = std::filesystem::temp_directory_path() / "amanat_threat_test.db";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()),
             static_cast<std::streamsize>(image.size()));
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::filesystem::remove(path);
  const auto database = Database::of_file(file);
  REQUIRE(database);
  CHECK(database->verify());
  CHECK(database->signature_count() == 2);
  CHECK(database->hash_count() == 1);
  CHECK(scan(*database, "abcdefgh").size() == 2);
  Examiner examiner(*database);
  const Findings findings = examiner.match_digests(as_bytes(""), {});
  CHECK(findings.hits.empty());
  CHECK(examiner.match_digests(as_bytes("a"), {}).hits.size() == 1);
  ::close(file);
  // Without the file, the mapping still has what was in it.
  CHECK(examiner.match_digests(as_bytes("a"), {}).hits.size() == 1);
  CHECK(Database::of_file(-1).error().code == Code::invalid_input);
}

}  // namespace amanat::threat
