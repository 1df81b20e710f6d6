#include <array>

#include <doctest/doctest.h>

#include "amanat/signature/body.h"

namespace amanat::signature {
namespace {

Pattern one(std::string_view text, Modifiers modifiers = {}) {
  const auto patterns = parse_patterns(text, modifiers);
  REQUIRE(patterns.has_value());
  REQUIRE(patterns->size() == 1);
  return patterns->front();
}

std::optional<Reason> reason_of(std::string_view text, Modifiers modifiers = {}) {
  const auto patterns = parse_patterns(text, modifiers);
  if (patterns) return std::nullopt;
  return patterns.error().reason;
}

}  // namespace

TEST_CASE("a pattern prints as it was written, in small letters") {
  const auto texts = std::to_array<std::string_view>({
      "6162",
      "61??6a?b62630?",
      "6162(41|42|43)63",
      "6162!(41|42)6364",
      "6162(4142|43)6364*7071",
      "6162{4-8}6364{0-8}6566{4-}6768",
      "61[1-3]626364",
      "626364[0-32]65",
      "61[1-3](W)626364!(B)[2-2]65",
      "(L)6162(B)63(W)",
      "!(B)616263",
      "6162{128-128}6364",
  });
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(print(one(text)) == text);
  }
}

TEST_CASE("short exact gaps are bytes of any kind, and an upper bound of 0 is none") {
  CHECK(print(one("6162{3}6364")) == "6162??????6364");
  CHECK(print(one("6162{127}6364")).size() == 4 + 2 * 127 + 4);
  CHECK(print(one("6162{128}6364")) == "6162{128-128}6364");
  CHECK(one("6162{0}6364") == one("6162*6364"));
  CHECK(one("6162{0-0}6364") == one("6162*6364"));
  // Only as long as the first gap of the text is such a one.
  CHECK(print(one("6162{1-2}6364{3}6566")) == "6162{1-2}6364{3-3}6566");
}

TEST_CASE("alternatives inside alternatives are multiplied out, in order and without twins") {
  CHECK(print(one("6162(41(42|43)|44)6364")) == "6162(4142|4143|44)6364");
  CHECK(print(one("6162((41|42)(43|44)|4143)6364")) == "6162(4143|4144|4243|4244)6364");
}

TEST_CASE("modifiers are written out as masks, zeros and boundaries") {
  const Pattern nocase = one("4142203f", {.nocase = true});
  CHECK(print(nocase) == "6162203f");
  const auto& run = std::get<Run>(nocase.parts[0].elements[0]);
  CHECK(run[0].fits('a'));
  CHECK(run[0].fits('A'));
  CHECK_FALSE(run[0].fits('!'));
  CHECK_FALSE(run[2].fits(0));

  CHECK(print(one("6162", {.wide = true})) == "61006200");
  CHECK(print(one("61?\?(6a|6b){2-3}6162", {.wide = true})) == "6100??00(6a00|6b00){2-3}61006200");
  CHECK(print(one("6162", {.fullword = true})) == "(W)6162(W)");
  CHECK(one("6162", {.wide = true, .fullword = true}).wide);
  CHECK_FALSE(one("6162", {.wide = true}).wide);
  CHECK(one("6162", {.ascii = true}) == one("6162"));

  const auto both = parse_patterns("6162", {.wide = true, .ascii = true});
  REQUIRE(both.has_value());
  REQUIRE(both->size() == 2);
  CHECK(print(both->at(0)) == "61006200");
  CHECK(print(both->at(1)) == "6162");
}

TEST_CASE("a neighbour becomes a part of its own where it would have two bytes") {
  CHECK(reason_of("61[1-3]626364", {.wide = true}) == std::nullopt);
  CHECK(print(one("61[1-3]6263", {.wide = true})) == "6100{1-3}62006300");
}

TEST_CASE("what is no pattern is refused, and what is too short or too costly says so") {
  struct Case {
    std::string_view text;
    Reason reason;
  };
  const auto cases = std::to_array<Case>({
      {"", Reason::too_short},
      {"61", Reason::too_short},
      {"61??62", Reason::too_short},
      {"6162{1-2}63", Reason::too_short},
      {"61626", Reason::malformed},
      {"61zz", Reason::malformed},
      {"6162**6364", Reason::too_short},
      {"6162{1-2", Reason::malformed},
      {"6162{a}6364", Reason::malformed},
      {"6162(41", Reason::malformed},
      {"6162()6364", Reason::malformed},
      {"6162(41|)6364", Reason::malformed},
      {"6162(41*42|43)6364", Reason::malformed},
      {"6162!(41|4243)6364", Reason::malformed},
      {"6162!(4?|43)6364", Reason::malformed},
      {"6162(41!(42)|43)6364", Reason::malformed},
      {"61[3-1]626364", Reason::malformed},
      {"61[1-33]626364", Reason::malformed},
      {"6162[1-3]63646566", Reason::malformed},
      {"6162{300000000}6364", Reason::too_costly},
  });
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(reason_of(c.text) == c.reason);
  }
  CHECK(reason_of("6162!(41|42)63", {.ascii = true}) == Reason::malformed);
}

TEST_CASE("pathological patterns meet a limit before they cost anything") {
  std::string parts = "6162";
  for (int i = 0; i < 64; ++i) parts += "*6162";
  CHECK(reason_of(parts) == Reason::too_costly);

  std::string product = "6162(";
  for (int i = 0; i < 11; ++i) product += "(41|42)";
  CHECK(reason_of(product + ")6364") == Reason::too_costly);  // 2,048 choices

  std::string varying = "6162";
  for (int i = 0; i < 17; ++i) varying += "(41|4141)";
  CHECK(reason_of(varying + "6364") == Reason::too_costly);

  std::string nested = "6162";
  nested += std::string(17, '(') + "41" + std::string(17, ')');
  CHECK(reason_of(nested + "6364") == Reason::malformed);

  std::string product_of_long_words = "6162(" + std::string(128, '3');
  for (int i = 0; i < 9; ++i) product_of_long_words += "(01|02)";
  CHECK(reason_of(product_of_long_words + ")6364") == Reason::too_costly);  // 74,752 digits
  CHECK(reason_of(std::string(kPatternTextMax + 2, '6')) == Reason::too_costly);
  CHECK(reason_of("6162{127}" + std::string(kPatternTextMax - 12, '6')) == Reason::too_costly);
}

TEST_CASE("the lengths of a part are known") {
  const Pattern pattern = one("6162(41|4243)?\?(L)63!(L)64");
  CHECK(pattern.parts[0].length_min() == 8);
  CHECK(pattern.parts[0].length_max() == 10);
}

}  // namespace amanat::signature
