#include "amanat/signature/reference.h"

#include <doctest/doctest.h>

#include "amanat/signature/byte_compare.h"

namespace amanat::signature {
namespace {

using namespace std::string_view_literals;

std::vector<Match> matches(std::string_view pattern, std::string_view text) {
  const auto parsed = parse_patterns(pattern);
  REQUIRE(parsed.has_value());
  return find_matches(parsed->at(0), as_bytes(text));
}

bool fits(std::string_view pattern, std::string_view text) {
  return !matches(pattern, text).empty();
}

bool body_fits(std::string_view line, const Object& object) {
  const auto parsed = parse_body_signature(line);
  REQUIRE(parsed.has_value());
  return evaluate(*parsed, object);
}

bool logical_holds(
    std::string_view line, const Object& object,
    const RegexMatcher& regex = [](const Regex&, ByteView, std::uint64_t, bool) {
      return std::optional<Match>();
    }) {
  const auto parsed = parse_logical(line);
  REQUIRE(parsed.has_value());
  return evaluate(*parsed, object, regex);
}

/// A regular expression that is plain text.
std::optional<Match> find_plain(const Regex& regex, ByteView text, std::uint64_t from,
                                bool anchored) {
  const std::size_t found = as_text(text).find(regex.expression, from);
  if (found == std::string_view::npos || (anchored && found != from)) return std::nullopt;
  return Match{found, found + regex.expression.size()};
}

bool compares(std::string_view text, std::string_view subsignature) {
  const auto parsed =
      parse_logical("T;Engine:100-255,Target:0;0&1;6162;" + std::string(subsignature));
  REQUIRE(parsed.has_value());
  return holds_at(std::get<ByteCompare>(parsed->subsignatures[1]), as_bytes(text), 1);
}

}  // namespace

TEST_CASE("bytes, nibbles and gaps match where they should") {
  CHECK(matches("6162", "xabab") == std::vector<Match>{{1, 3}, {3, 5}});
  CHECK(fits("6162?\?6364", "abxcd"));
  CHECK_FALSE(fits("6162?\?6364", "abcd"));
  CHECK(fits("6162?36?6566", "abcdef"));
  CHECK_FALSE(fits("6162?36?6566", "abctef"));
  CHECK(fits("6162{-2}6364", "abxxcd"));
  CHECK_FALSE(fits("6162{-2}6364", "abxxxcd"));
  CHECK(fits("6162{3-}6364", "abxxxcd"));
  CHECK_FALSE(fits("6162{3-}6364", "abxxcd"));
  CHECK_FALSE(fits("6162*6364", "cdab"));
  CHECK(fits("6162*6364", "abcd"));
}

TEST_CASE(
    "a match in parts counts once for each place of the last one, and begins at the earliest") {
  CHECK(matches("6162*6364", "abxabcdxcd") == std::vector<Match>{{0, 7}, {0, 10}});
  CHECK(matches("6162{-1}6364", "abxabcdxcd") == std::vector<Match>{{3, 7}});
}

TEST_CASE("alternatives are tried in order, going back where that leads nowhere") {
  CHECK(fits("6162(41|4142)6364", "abABcd"));
  CHECK(matches("6162(41|4142)", "abAB") == std::vector<Match>{{0, 3}});
  CHECK(fits("!(61|62)7a7a", "czz"));
  CHECK_FALSE(fits("!(61|62)7a7a", "bzz"));
  CHECK_FALSE(fits("!(61|62)7a7a", "zz"));  // it stands for one byte
}

TEST_CASE("boundaries look beside a part, or inside it") {
  CHECK(fits("(B)6162", ".ab"));
  CHECK_FALSE(fits("(B)6162", "=ab"));
  CHECK(fits("6162(B)", "ab="));
  CHECK_FALSE(fits("6162(B)", "ab."));
  CHECK(fits("(B)6162(B)", "ab"));
  CHECK(fits("6162!(B)", "ab."));
  CHECK(fits("(L)6162(L)", "\nab\r\n"));
  CHECK_FALSE(fits("(L)6162(L)", "\rab\rx"));
  CHECK(fits("(W)6162(W)", "-ab+"));
  CHECK_FALSE(fits("(W)6162(W)", "xab+"));
  CHECK(matches("6162(L)6364", "ab\r\ncd") == std::vector<Match>{{0, 6}});
  CHECK(fits("6162!(L)6364", "abxcd"));
  CHECK_FALSE(fits("6162!(L)6364", "ab\ncd"));
  // A negated boundary at the left end is one inside.
  CHECK(matches("!(B)616263", "xabc") == std::vector<Match>{{0, 4}});
  CHECK_FALSE(fits("!(B)616263", "abc"));
}

TEST_CASE("in a wide pattern a letter beside it has a zero") {
  const auto wide = parse_patterns("6162", {.wide = true, .fullword = true});
  REQUIRE(wide.has_value());
  const auto is_found = [&](std::string_view text) {
    return !find_matches(wide->at(0), as_bytes(text)).empty();
  };
  CHECK(is_found("a\0b\0"sv));
  CHECK(is_found("xxa\0b\0"sv));
  CHECK_FALSE(is_found("x\0a\0b\0"sv));
  CHECK_FALSE(is_found("a\0b\0x\0"sv));
  CHECK(is_found("a\0b\0xx"sv));
}

TEST_CASE("a neighbour stands near and does not move the match") {
  CHECK(matches("61[1-3]6263", "axxbc") == std::vector<Match>{{3, 5}});
  CHECK_FALSE(fits("61[1-2]6263", "abc"));
  CHECK(fits("6162[0-2]63", "abxxc"));
  CHECK_FALSE(fits("6162[0-1]63", "abxxc"));
}

TEST_CASE("offsets admit the places that they name") {
  const Layout layout{.entry_point = 4, .sections = {{2, 3}, {8, 4}}, .version_info = {7}};
  const std::string text = "0123abc78abc";
  const Object object{.text = as_bytes(text), .target = Target::elf, .layout = &layout};
  CHECK(body_fits("A:6:4:616263", object));
  CHECK_FALSE(body_fits("A:6:3:616263", object));
  CHECK(body_fits("A:6:3,1:616263", object));
  CHECK(body_fits("A:6:EOF-3:616263", object));
  CHECK(body_fits("A:6:EOF-9,1:616263", object));
  CHECK_FALSE(body_fits("A:6:EOF-13,99:616263", object));
  CHECK(body_fits("A:6:EP+0:616263", object));
  CHECK_FALSE(body_fits("A:6:EP-1:616263", object));
  CHECK(body_fits("A:6:S0+2:616263", object));
  CHECK(body_fits("A:6:S1+1:616263", object));
  CHECK_FALSE(body_fits("A:6:S2+0:616263", object));
  CHECK(body_fits("A:6:SL+1:616263", object));
  CHECK(body_fits("A:6:SE0:616263", object));
  CHECK_FALSE(body_fits("A:6:SE2:616263", object));
  CHECK_FALSE(body_fits("A:6:VI:616263", object));
  CHECK_FALSE(body_fits("A:6:$1$:616263", object));

  // Where the headers do not parse, relative offsets lead nowhere, from the end too.
  Object broken = object;
  broken.layout = nullptr;
  CHECK_FALSE(body_fits("A:6:EOF-3:616263", broken));
  CHECK(body_fits("A:6:4:616263", broken));
  CHECK_FALSE(body_fits("A:0:EOF-3:616263", broken));
  CHECK_FALSE(body_fits("A:1:4:616263", object));  // another target
}

TEST_CASE("a pattern's offset is that of its first part") {
  const Object object{.text = as_bytes("abxcdabcd")};
  CHECK(body_fits("A:0:0:6162{1}6364", object));
  CHECK(body_fits("A:0:5:6162*6364", object));
  CHECK_FALSE(body_fits("A:0:1:6162*6364", object));
}

TEST_CASE("conditions are about size, containers and sections") {
  const auto zip = *ObjectType::find("CL_TYPE_ZIP");
  const auto mail = *ObjectType::find("CL_TYPE_MAIL");
  Object object{.text = as_bytes("xabcx")};
  const auto with = [&](std::string_view conditions) {
    return logical_holds("T;Engine:81-255,Target:0," + std::string(conditions) + ";0;616263",
                         object);
  };
  CHECK(with("FileSize:5-5"));
  CHECK_FALSE(with("FileSize:6-9"));
  CHECK(with("Container:CL_TYPE_ANY"));  // in none
  CHECK_FALSE(with("Container:CL_TYPE_ZIP"));
  object.around = {mail, zip};
  CHECK(with("Container:CL_TYPE_ZIP"));
  CHECK_FALSE(with("Container:CL_TYPE_MAIL"));
  CHECK_FALSE(with("Container:CL_TYPE_ANY"));
  CHECK(with("Intermediates:CL_TYPE_MAIL>CL_TYPE_ZIP"));
  CHECK(with("Intermediates:CL_TYPE_ZIP"));
  CHECK_FALSE(with("Intermediates:CL_TYPE_ZIP>CL_TYPE_MAIL"));
  CHECK(with("Intermediates:CL_TYPE_MAIL>CL_TYPE_ZIP>CL_TYPE_ANY") == false);  // three deep
  CHECK(with("Intermediates:CL_TYPE_ZIP>CL_TYPE_ANY"));
}

TEST_CASE("counts, modifiers and both variants come together") {
  CHECK(logical_holds("T;Target:0;0>1;6162", {.text = as_bytes("abxab")}));
  CHECK_FALSE(logical_holds("T;Target:0;0>2;6162", {.text = as_bytes("abxab")}));
  CHECK(logical_holds("T;Target:0;0=2;6162::wai", {.text = as_bytes("ABxa\0b\0"sv)}));
  CHECK(logical_holds("T;Target:0;0&1=0;6162;7a7a", {.text = as_bytes("ab")}));
}

TEST_CASE("a macro is asked when the next match of its subsignature comes") {
  const std::string_view line = "T;Engine:51-255,Target:0;0&1;616161;${4-7}12$";
  const auto holds = [&](std::string_view text, std::vector<std::uint64_t> group) {
    Object object{.text = as_bytes(text)};
    object.macro_matches.resize(13);
    object.macro_matches[12] = std::move(group);
    return logical_holds(line, object);
  };
  CHECK_FALSE(holds("aaa.bbb.", {4}));
  CHECK(holds("aaa.bbb.aaa.", {4}));
  CHECK_FALSE(holds("aaa........bbb.aaa.bbb.", {11, 19}));
  CHECK(holds("aaa........bbb.aaa.bbb.aaa.", {11, 19}));
  CHECK_FALSE(holds("aaa.....aaa.", {}));
}

TEST_CASE("regular expressions wait for their trigger and keep to their offset") {
  const auto holds = [](std::string_view subsignature, std::string_view text,
                        std::string_view expression = "1") {
    return logical_holds("T;Engine:81-255,Target:0;" + std::string(expression) + "&0;6162;"
                             + std::string(subsignature),
                         {.text = as_bytes(text)}, find_plain);
  };
  CHECK(holds("0/xyz/", "ab xyz"));
  CHECK_FALSE(holds("0/xyz/", "xyz"));
  CHECK(holds("3:0/xyz/", "ab xyz"));
  CHECK_FALSE(holds("2:0/xyz/", "ab xyz"));
  CHECK(holds("2:0/xyz/r", "ab xyz"));
  CHECK(holds("2,1:0/xyz/", "ab xyz"));
  CHECK_FALSE(holds("1,1:0/xyz/", "ab xyz"));
  CHECK_FALSE(holds("2,3:0/xyz/e", "ab xyz"));
  CHECK(holds("2,4:0/xyz/e", "ab xyz"));
  CHECK(holds("0/xyz/g", "ab xyz xyz", "1=2"));
  CHECK(holds("0/xyz/", "ab xyz xyz", "1=1"));
  CHECK_FALSE(holds("99:0/xyz/", "ab xyz"));
}

TEST_CASE("byte comparisons read numbers in all their forms") {
  CHECK(compares("xab\x10\x27", "0(>>2#il2#=10000)"));
  CHECK(compares("xab\x10\x27", "0(>>2#ib2#=4135)"));
  CHECK_FALSE(compares("xab\x10\x27", "0(>>3#ib2#=4135)"));  // past the end
  CHECK(compares("xab\xff\xff\xff\xff\xff\xff\xff\xff", "0(>>2#ib8#=-1)"));
  CHECK(compares("xab1a2b", "0(>>2#hb4#=0x1a2b)"));
  CHECK(compares("xab1a2b", "0(>>2#hl4#=0x2b1a)"));
  CHECK(compares("xab0x1a", "0(>>2#hb4#=26)"));
  CHECK(compares("xab 123", "0(>>2#db4#>122,<124)"));
  CHECK_FALSE(compares("xab 123", "0(>>2#dbe4#=123)"));
  CHECK(compares("xab123", "0(>>2#dbe3#=123)"));
  CHECK_FALSE(compares("xab12z", "0(>>2#dbe3#=12)"));
  CHECK(compares("xab12z", "0(>>2#db3#=12)"));
  CHECK(compares("xabzzz", "0(>>2#db3#=0)"));
  CHECK(compares("xab0x1f", "0(>>2#ab4#=31)"));
  CHECK(compares("xab0031", "0(>>2#ab4#=31)"));
  CHECK_FALSE(compares("xab31", "0(>>2#ab2#=31)"));  // too short to tell
  CHECK_FALSE(compares("5ab", "0(<<1#db1#=5)"));     // at the very beginning
  CHECK_FALSE(compares("xab99999999999999999999", "0(>>2#db20#>1)"));
}

TEST_CASE("a byte comparison stands beside the last match of a subsignature that matched") {
  const std::string_view line = "T;Engine:100-255,Target:0;0&1;6162;0(>>2#db1#=2)";
  CHECK(logical_holds(line, {.text = as_bytes("xab1ab2")}));
  CHECK_FALSE(logical_holds(line, {.text = as_bytes("xab2ab1")}));
  CHECK_FALSE(logical_holds(line, {.text = as_bytes("xxx2")}));
}

}  // namespace amanat::signature
