#include "amanat/api/http.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/api/range.h"
#include "amanat/api/target.h"

using namespace amanat;
using namespace amanat::api;

TEST_CASE("an error travels with its code, what happened and what to do, and comes back the same") {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Code::corrupt); ++i) {
    const Error error{static_cast<Code>(i), "the \"reason\""};
    const Response response = error_response(error);
    const Error back = error_from(response.status, std::get<Bytes>(response.body));
    CHECK(back.code == error.code);
    CHECK(back.message == "the \"reason\"; " + std::string(advice_for(error.code)));
  }
  const Response busy = error_response({Code::unavailable, "busy"});
  CHECK(busy.status == 503);
  CHECK(busy.headers.find("Retry-After") == "5");
}

TEST_CASE("an error page of somebody else's still becomes an error that fits its status") {
  CHECK(error_from(404, as_bytes("<html>")).code == Code::not_found);
  CHECK(error_from(502, {}).code == Code::unavailable);
  CHECK(error_from(429, {}).code == Code::unavailable);
  CHECK(error_from(418, as_bytes(R"({"code":"teapot","message":"m","do":"d"})")).code
        == Code::invalid_input);
}

TEST_CASE("header names are found in any case, and set replaces all") {
  Headers headers;
  headers.add("Amanat-Object", "a");
  headers.add("amanat-object", "b");
  CHECK(headers.find("AMANAT-OBJECT") == "a");
  CHECK(headers.count("amanat-Object") == 2);
  headers.set("amanat-object", "c");
  CHECK(headers.count("amanat-object") == 1);
  CHECK(headers.find("amanat-object") == "c");
  CHECK_FALSE(headers.find("amanat").has_value());
}

TEST_CASE("a control body is read whole, up to its limit and not a byte more") {
  Request request;
  BytesBody fits(Bytes(1000));
  request.body = &fits;
  CHECK(read_body(request, 1000)->size() == 1000);
  BytesBody too_long(Bytes(1001));
  request.body = &too_long;
  CHECK(read_body(request, 1000).error().code == Code::invalid_input);
}

TEST_CASE("a target is accepted in one form only") {
  struct Case {
    std::string_view text;
    bool accepted;
  };
  const auto cases = std::to_array<Case>({
      {"/", true},
      {"/v1/packs/00ff", true},
      {"/log/tile/0/x001/234.p/5", true},
      {"/v1/inventory?after=00&limit=5", true},
      {"/a/?x=%2F/?", true},
      {"/a/", true},
      {"", false},
      {"v1", false},
      {"*", false},
      {"http://host/", false},
      {"//host/x", false},
      {"/a//b", false},
      {"/a/./b", false},
      {"/a/..", false},
      {"/..", false},
      {"/%41", false},
      {"/a?", false},
      {"/a?%2f", false},
      {"/a?%4", false},
      {"/a#b", false},
      {"/a b", false},
      {"/\xc3\xa9", false},
      {"/a?x y", false},
      {"/a\\b", false},
  });
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto target = parse_target(c.text);
    CHECK(target.has_value() == c.accepted);
    if (target) CHECK(to_text(*target) == c.text);
  }
  CHECK(parse_target("/" + std::string(2047, 'a')));
  CHECK_FALSE(parse_target("/" + std::string(2048, 'a')));
}

TEST_CASE("a query value is found when it is there once") {
  CHECK(query_value("after=12&limit=5", "limit") == "5");
  CHECK(query_value("after=&limit=5", "after") == "");
  CHECK_FALSE(query_value("after=1&after=2", "after").has_value());
  CHECK_FALSE(query_value("before=1", "after").has_value());
  CHECK_FALSE(query_value("", "after").has_value());
}

TEST_CASE("a single range is honoured, and others are answered with everything") {
  struct Case {
    std::string_view field;
    RangeKind kind;
    ByteRange range;
  };
  const auto cases = std::to_array<Case>({
      {"bytes=0-0", RangeKind::part, {0, 1}},
      {"bytes=10-19", RangeKind::part, {10, 10}},
      {"bytes=90-", RangeKind::part, {90, 10}},
      {"bytes=90-1000", RangeKind::part, {90, 10}},
      {"bytes=-5", RangeKind::part, {95, 5}},
      {"bytes=-500", RangeKind::part, {0, 100}},
      {"bytes=99-99", RangeKind::part, {99, 1}},
      {"bytes=100-", RangeKind::unsatisfiable, {}},
      {"bytes=-0", RangeKind::unsatisfiable, {}},
      {"bytes=5-4", RangeKind::whole, {0, 100}},
      {"bytes=0-1,3-4", RangeKind::whole, {0, 100}},
      {"bytes=a-b", RangeKind::whole, {0, 100}},
      {"bytes=-", RangeKind::whole, {0, 100}},
      {"lines=1-2", RangeKind::whole, {0, 100}},
      {"bytes=99999999999999999999-", RangeKind::whole, {0, 100}},
  });
  for (const Case& c : cases) {
    CAPTURE(c.field);
    CHECK(choose_range(c.field, 100) == RangeAnswer{c.kind, c.range});
  }
  CHECK(choose_range({}, 100).kind == RangeKind::whole);
  CHECK(choose_range("bytes=0-", 0).kind == RangeKind::unsatisfiable);
}
