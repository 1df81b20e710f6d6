#include "amanat/error/error.h"

#include <doctest/doctest.h>

using namespace amanat;

TEST_CASE("a failure passed up keeps its code and gains what was being done") {
  const Result<int> inner = fail(Code::forged, "signature does not match");
  const Result<> outer = carry(inner, "reading manifest 9f2c");
  CHECK(outer.error().code == Code::forged);
  CHECK(outer.error().message == "reading manifest 9f2c: signature does not match");
}

TEST_CASE("every code has one name, and the name leads back to it") {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Code::corrupt); ++i) {
    const Code code = static_cast<Code>(i);
    CHECK(code_from_name(name_of(code)) == code);
  }
  CHECK_FALSE(code_from_name("ok").has_value());
  CHECK_FALSE(code_from_name("").has_value());
}
