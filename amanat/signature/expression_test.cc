#include "amanat/signature/expression.h"

#include <array>

#include <doctest/doctest.h>

namespace amanat::signature {
namespace {

bool truth(std::string_view text, std::vector<std::uint32_t> counts) {
  const auto expression = parse_expression(text);
  REQUIRE(expression.has_value());
  return evaluate(*expression, counts);
}

}  // namespace

TEST_CASE("terms, blocks and counts hold as they are defined") {
  CHECK(truth("0", {1}));
  CHECK_FALSE(truth("0", {0}));
  CHECK(truth("0&1", {1, 3}));
  CHECK_FALSE(truth("0&1", {1, 0}));
  CHECK(truth("0|1", {0, 1}));
  CHECK(truth("0=2", {2}));
  CHECK_FALSE(truth("0=2", {3}));
  CHECK(truth("0>1", {2}));
  CHECK_FALSE(truth("0>1", {1}));
  CHECK(truth("0<1", {0}));
  CHECK(truth("0=0&1", {0, 1}));
  CHECK_FALSE(truth("0", {}));
}

TEST_CASE("a block counts all matches of its members that hold") {
  CHECK(truth("(0|1|2)>3", {2, 0, 2}));
  CHECK_FALSE(truth("(0|1|2)>4", {2, 0, 2}));
  CHECK(truth("(0|1|2)>3,2", {2, 0, 2}));
  CHECK_FALSE(truth("(0|1|2)>3,3", {2, 0, 2}));
  CHECK(truth("(0|1)=0", {0, 0}));
  CHECK(truth("(0&1)=0", {5, 0}));  // it does not hold, so it counts nothing
}

TEST_CASE("a count hides the members of its block from the block around it") {
  CHECK(truth("((0|1)>0|2)>1,1", {1, 1, 1}));
  CHECK_FALSE(truth("((0|1)>0|2)>1,2", {1, 1, 1}));
}

TEST_CASE(
    "bare operators group from the right, those inside one pair of parentheses from the left") {
  CHECK_FALSE(truth("0&1|2", {0, 0, 1}));  // 0&(1|2)
  CHECK(truth("(0&1|2)", {0, 0, 1}));      // (0&1)|2
  CHECK(truth("0|1&2", {1, 0, 0}));        // 0|(1&2)
  CHECK_FALSE(truth("(0|1&2)", {1, 0, 0}));
}

TEST_CASE("the spellings of real sets are read") {
  CHECK(truth("8==1&0=2,&1&2&3&4&5&6&7", {2, 1, 1, 1, 1, 1, 1, 1, 1}));
  CHECK(truth("((0))", {1}));
  CHECK(truth("(0>1)&1", {2, 1}));
}

TEST_CASE("an expression prints as a text that is read as itself") {
  for (const std::string_view text :
       {"0", "0=1", "0&1|2&3", "(0&1|2)>3,2", "((0|1|2)>3,2&(3&4|5)=0)|6<2", "((0&1)|2)"}) {
    CAPTURE(text);
    const auto expression = parse_expression(text);
    REQUIRE(expression.has_value());
    CHECK(parse_expression(print(*expression)) == expression);
  }
  CHECK(highest_id(*parse_expression("3|(7&1)")) == 7);
}

TEST_CASE("what is no expression is refused") {
  for (const std::string_view text : {"", "&", "0&", "&0", "(0", "0)", "()", "(0)=1", "0=", "0=x",
                                      "(0|1)=", "0 1", "a", "(0|1)(2|3)", "0,2"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_expression(text).has_value());
  }
}

TEST_CASE("expressions that are too deep or too large are refused") {
  CHECK_FALSE(parse_expression(std::string(200, '(') + "0" + std::string(200, ')')).has_value());
  std::string chain = "0";
  for (int i = 1; i < 64; ++i) chain += "|" + std::to_string(i);
  CHECK(parse_expression(chain).has_value());
  CHECK(parse_expression("(" + chain + ")>1").has_value());
  std::string too_long = "0";
  for (int i = 0; i < 1000; ++i) too_long += "|0";
  const auto refused = parse_expression(too_long);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::too_costly);
}

}  // namespace amanat::signature
