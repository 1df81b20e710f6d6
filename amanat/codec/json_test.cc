#include "amanat/codec/json.h"

#include <doctest/doctest.h>

using namespace amanat;

namespace {

constexpr std::size_t kSizeMax = 1 << 20;
using TestId = Id<struct TestTag, 4>;

json::Value parsed(std::string_view text) {
  auto value = json::parse(text, kSizeMax);
  REQUIRE(value.has_value());
  return *value;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("what is read is written again, members in their order") {
  const auto cases = std::to_array<std::string_view>({
      "null",
      "true",
      "[]",
      "{}",
      R"({"z":1,"a":[false,null,"x",{"":-5}],"m":18446744073709551615})",
      "-9223372036854775808",
      R"("\"\\\n\r\t\u0000\u001f/")",
      "\"\u0623\u0645\u0627\u0646\u0629 \U0001f510\"",
  });
  for (const std::string_view text : cases) CHECK(json::to_text(parsed(text)) == text);
  CHECK(json::to_text(parsed(" [ 1 , \"\\u00e9\\ud83d\\udd10\\/\" ] \n"))
        == "[1,\"\u00e9\U0001f510/\"]");
}

TEST_CASE("what two readers may understand differently is refused") {
  const auto cases = std::to_array<std::string>({
      R"({"a":1,"a":1})",       // a name twice
      R"({"a":1,"\u0061":2})",  // the same name, spelled otherwise
      R"([{"x":{"a":1,"b":2,"a":3}}])",
      "1.0",
      "1e3",
      "1E0",
      "-0.0",
      "18446744073709551616",  // 2^64
      "-9223372036854775809",  // -2^63 - 1
      "123456789012345678901234567890",
      "01",
      "+1",
      "0x10",
      "NaN",
      "'a'",
      "[1,]",
      R"({"a":1,})",
      "[1] // comment",
      "[1][2]",
      "",
      " ",
      "\xef\xbb\xbf[]",  // a byte order mark
      "\"\xff\"",        // not UTF-8
      R"("\ud800")",     // half a surrogate pair
      R"("\udc00")",
      R"("\x41")",
      "\"a\nb\"",  // a raw control character
      std::string("[\0]", 3),
      "{1:2}",
      "[",
      "nul",
  });
  for (const std::string& text : cases) {
    CAPTURE(text);
    const auto value = json::parse(text, kSizeMax);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().code == Code::invalid_input);
  }
}

TEST_CASE("nesting ends at 32 levels and size where the caller says") {
  CHECK(json::parse(nested(json::kDepthMax), kSizeMax).has_value());
  CHECK_FALSE(json::parse(nested(json::kDepthMax + 1), kSizeMax).has_value());
  CHECK_FALSE(json::parse(nested(json::kDepthMax + 2), kSizeMax).has_value());
  CHECK_FALSE(json::parse(nested(100000), kSizeMax).has_value());
  CHECK(json::parse("[1,2]", 5).has_value());
  CHECK_FALSE(json::parse("[1,2]", 4).has_value());
}

TEST_CASE("a number from 0 up has one form, whatever type it came from") {
  CHECK(*json::Value(7).number() == 7);
  CHECK(*json::Value(std::uint32_t{7}).number() == 7);
  CHECK(*json::Value(-7).negative() == -7);
  CHECK(json::Value(-7).number() == nullptr);
  CHECK(json::Value("text").boolean() == nullptr);
  CHECK(*json::Value("text").text() == "text");
}

TEST_CASE("people get lines and two spaces a level") {
  CHECK(json::to_pretty_text(parsed(R"({"a":[1,{}],"b":[]})"))
        == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

TEST_CASE("fields read like the object they describe") {
  const json::Value value = parsed(
      R"({"name":"x","n":7,"on":true,"bytes":"AAEC","id":"0102030f","list":[1,2],"any":{}})");
  json::Fields fields(value, "test object");
  CHECK(fields.text("name", 1) == "x");
  CHECK(fields.number("n", 7) == 7);
  CHECK(fields.boolean("on"));
  CHECK(fields.base64("bytes", 3) == Bytes{0, 1, 2});
  CHECK(fields.hex_id<TestId>("id").hex() == "0102030f");
  CHECK(fields.array("list", 2).size() == 2);
  CHECK(fields.value("any") == value.find("any"));
  CHECK_FALSE(fields.optional_text("absent", 9).has_value());
  CHECK_FALSE(fields.optional_number("absent").has_value());
  CHECK_FALSE(fields.optional_boolean("absent").has_value());
  CHECK(fields.optional_array("absent", 9) == nullptr);
  CHECK(fields.optional_value("absent") == nullptr);
  CHECK(fields.finish().has_value());
}

TEST_CASE("the first field that does not fit is named, and the rest reads as empty") {
  struct Case {
    std::string_view text;
    std::string_view message;
  };
  const auto cases = std::to_array<Case>({
      {R"({"n":1,"id":"0102030f","b":""})", "test: name is missing"},
      {R"({"name":null,"n":1,"id":"0102030f","b":""})", "test: name is not text"},
      {R"({"name":"abc","n":1,"id":"0102030f","b":""})", "test: name is too long"},
      {R"({"name":"a","n":-1,"id":"0102030f","b":""})", "test: n is not a whole number from 0 up"},
      {R"({"name":"a","n":"1","id":"0102030f","b":""})", "test: n is not a whole number from 0 up"},
      {R"({"name":"a","n":10,"id":"0102030f","b":""})", "test: n is too large"},
      {R"({"name":"a","n":1,"id":"0102030F","b":""})", "test: id is not an id in lower-case hex"},
      {R"({"name":"a","n":1,"id":"010203","b":""})", "test: id is not an id in lower-case hex"},
      {R"({"name":"a","n":1,"id":"0102030f","b":"AA="})", "test: b is not base64"},
      {R"({"name":"a","n":1,"id":"0102030f","b":"AAAA"})", "test: b is too long"},
      {R"({"name":"a","n":1,"id":"0102030f","b":"AAAAAAAA"})", "test: b is too long"},
      {R"({"name":"a","n":1,"id":"0102030f","b":"","secret name":1})",
       "test: member number 4 is unknown"},
      {"[]", "test: it is not an object"},
  });
  for (const Case& c : cases) {
    const json::Value value = parsed(c.text);
    json::Fields fields(value, "test");
    fields.text("name", 2);
    fields.number("n", 9);
    fields.hex_id<TestId>("id");
    fields.base64("b", 2);
    const auto done = fields.finish();
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error() == Error{Code::invalid_input, std::string(c.message)});
  }
}

TEST_CASE("arrays and booleans are held to their type and maximum") {
  const json::Value value = parsed(R"({"list":[1,2,3],"on":1})");
  json::Fields list(value, "test");
  CHECK(list.array("list", 2).empty());
  CHECK(list.failed());
  json::Fields flag(value, "test");
  CHECK_FALSE(flag.boolean("on"));
  CHECK(flag.failed());
  json::Fields wrong(value, "test");
  CHECK(wrong.optional_array("on", 9) == nullptr);
  CHECK(wrong.failed());
}

TEST_CASE("documents of others may have members that nobody asked for") {
  const json::Value value = parsed(R"({"known":1,"unknown":2})");
  json::Fields fields(value, "test");
  fields.number("known");
  CHECK(fields.finish_open().has_value());
  CHECK_FALSE(fields.finish().has_value());
}
