#include "amanat/signature/anchors.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "amanat/signature/reference.h"

namespace amanat::signature {
namespace {

std::vector<std::string> texts_of(const std::optional<std::vector<Anchor>>& anchors) {
  REQUIRE(anchors.has_value());
  std::vector<std::string> texts;
  for (const Anchor& anchor : *anchors) {
    texts.emplace_back(std::string(as_text(anchor.bytes)) + (anchor.nocase ? "/i" : ""));
  }
  return texts;
}

std::optional<std::vector<Anchor>> of_pattern(std::string_view text, Modifiers modifiers = {}) {
  const auto patterns = parse_patterns(text, modifiers);
  REQUIRE(patterns.has_value());
  return find_anchors(patterns->at(0), cost_by_length);
}

std::optional<std::vector<Anchor>> of_line(std::string_view line) {
  const auto logical = parse_logical(line);
  REQUIRE(logical.has_value());
  return find_anchors(*logical, cost_by_length);
}

using Texts = std::vector<std::string>;

bool contains(ByteView text, const Anchor& anchor) {
  const auto same = [&](std::uint8_t a, std::uint8_t b) {
    if (anchor.nocase && a >= 'A' && a <= 'Z') a |= 0x20;
    return a == b;
  };
  return !std::ranges::search(text, anchor.bytes, same).empty();
}

}  // namespace

TEST_CASE("the longest run of a pattern is its anchor") {
  CHECK(texts_of(of_pattern("61626364?\?65666768696a")) == Texts{"efghij"});
  CHECK(of_pattern("61626364?\?65666768696a")->at(0).distance == 5);
  CHECK(texts_of(of_pattern("616263*6465666768")) == Texts{"defgh"});
  CHECK(of_pattern("616263*6465666768")->at(0).part == 1);
  CHECK_FALSE(of_pattern("616263?\?616263").has_value());
  CHECK(texts_of(of_pattern("41424344", {.nocase = true})) == Texts{"abcd/i"});
  CHECK(texts_of(of_pattern("31323334", {.nocase = true})) == Texts{"1234"});
}

TEST_CASE("alternatives between short runs give one anchor each") {
  CHECK(texts_of(of_pattern("6162(70|50)6364")) == Texts{"abpcd", "abPcd"});
  CHECK(texts_of(of_pattern("6162(41|4142)6364")) == Texts{"abAcd", "abABcd"});
  CHECK_FALSE(of_pattern("6162!(41|42)6364").has_value());
  CHECK_FALSE(of_pattern("616263(41|42)6465?\?(4?|43)66676869")->empty());
}

TEST_CASE("of an AND the cheapest is enough, of an OR all are needed") {
  CHECK(texts_of(of_line("T;Target:0;0&1;61626364;616263646566")) == Texts{"abcdef"});
  CHECK(texts_of(of_line("T;Target:0;0|1;61626364;616263646566")) == Texts{"abcd", "abcdef"});
  CHECK(texts_of(of_line("T;Target:0;(0|1)>3,2;61626364;616263646566")) == Texts{"abcd", "abcdef"});
  CHECK(texts_of(of_line("T;Target:0;(0&1)|2;61626364;616263646566;7a7a7a7a"))
        == Texts{"abcdef", "zzzz"});
}

TEST_CASE("what may hold without a match has no anchor") {
  CHECK_FALSE(of_line("T;Target:0;0=0;61626364").has_value());
  CHECK_FALSE(of_line("T;Target:0;0<2;61626364").has_value());
  CHECK_FALSE(of_line("T;Target:0;0|1=0;61626364;65666768").has_value());
  CHECK(texts_of(of_line("T;Target:0;0&1=0;61626364;65666768")) == Texts{"abcd"});
  CHECK_FALSE(of_line("T;Target:0;0|1;61626364;6566").has_value());
}

TEST_CASE("regular expressions, comparisons and macros need what they stand behind") {
  CHECK(texts_of(of_line("T;Engine:81-255,Target:0;1&0;61626364;0/x/")) == Texts{"abcd"});
  CHECK(texts_of(of_line("T;Engine:100-255,Target:0;1;61626364;0(>>1#ib1#=1)")) == Texts{"abcd"});
  CHECK(texts_of(of_line("T;Engine:51-255,Target:0;1;61626364;${1-2}1$")) == Texts{"abcd"});
  CHECK_FALSE(of_line("T;Engine:150-255,Target:5;0;fuzzy_img#af2ad01ed42993c7").has_value());
}

TEST_CASE("both variants of a body are anchored") {
  CHECK(of_line("T;Target:0;0;61626364::wa")->size() == 2);
  CHECK(of_line("T;Target:0;0;61626364::wa")->at(1).variant == 1);
}

TEST_CASE("triggers that name each other many times are looked at once") {
  std::string line = "T;Engine:81-255,Target:0;63;61626364";
  std::string trigger = "0";
  for (int i = 1; i < 64; ++i) {
    line += ";" + trigger + "/x/";
    trigger += "|" + std::to_string(i);
  }
  CHECK(texts_of(of_line(line)) == Texts{"abcd"});
}

TEST_CASE("every match of a random pattern contains an anchor of it") {
  const auto words = std::vector<std::string>{"61",    "62",   "?\?", "6?",  "(61|62)", "(61|6262)",
                                              "!(61)", "{-2}", "*",   "(B)", "6161",    "626162"};
  CHECK(rc::check([&] {
    const auto picks = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, words.size()));
    std::string text = "61626162";
    for (const std::size_t pick : picks) text += words[pick];
    const auto patterns = parse_patterns(text);
    if (!patterns) return;
    const auto anchors = find_anchors(patterns->at(0), cost_by_length);
    if (!anchors) return;
    const auto letters = *rc::gen::container<std::vector<std::uint8_t>>(
        100, rc::gen::elementOf(std::vector<std::uint8_t>{'a', 'b', ' '}));
    for (const Match& match : find_matches(patterns->at(0), letters)) {
      const ByteView matched = ByteView(letters).subspan(match.begin, match.end - match.begin);
      RC_ASSERT(
          std::ranges::any_of(*anchors, [&](const Anchor& a) { return contains(matched, a); }));
    }
  }));
}

}  // namespace amanat::signature
