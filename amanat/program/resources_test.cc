#include "amanat/program/resources.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/program/test_resources.h"

namespace amanat::program {
namespace {

TEST_CASE("a label is found by its number, in the default language where there is one") {
  TestResources made({"Uhr", "Clock"});
  made.add(0x6564, {{.data = 0}}).add(0, {{.data = 1}});
  const Bytes bytes = made.make();
  const auto resources = Resources::open(bytes);
  REQUIRE(resources);
  CHECK(resources->find_text(0x7f010000) == "Clock");
  CHECK(resources->strings().count() == 2);
}

TEST_CASE("without a default language the first one speaks") {
  const Bytes bytes = TestResources({"Uhr"}).add(0x6564, {{.data = 0}}).make();
  CHECK(Resources::open(bytes)->find_text(0x7f010000) == "Uhr");
}

TEST_CASE("references are followed, and circles of them end") {
  TestResources made({"end"});
  made.add(0, {{.type = 1, .data = 0x7f010001},
               {.type = 3, .data = 0},
               {.type = 1, .data = 0x7f010003},
               {.type = 1, .data = 0x7f010002},
               {.type = 0x10, .data = 5}});
  const Bytes bytes = made.make();
  const auto resources = Resources::open(bytes);
  REQUIRE(resources);
  CHECK(resources->find_text(0x7f010000) == "end");
  CHECK_FALSE(resources->find_text(0x7f010002));  // in a circle
  CHECK_FALSE(resources->find_text(0x7f010004));  // a number
}

TEST_CASE("numbers that no package, type or entry has lead nowhere") {
  const Bytes bytes = TestResources({"a"}).add(0, {{.data = 0}}).make();
  const auto resources = Resources::open(bytes);
  for (const std::uint32_t id : {0x7e010000U, 0x7f020000U, 0x7f010001U, 0U, 0xffffffffU}) {
    CAPTURE(id);
    CHECK_FALSE(resources->find_text(id));
  }
}

TEST_CASE("a table that is cut is refused, and a bent one comes to an end") {
  const Bytes whole = TestResources({"a", "b"}).add(0, {{.data = 0}, {.data = 1}}).make();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(Resources::open(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const std::uint8_t byte : std::to_array<std::uint8_t>({0x00, 0x7f, 0xff})) {
      Bytes bent = whole;
      bent[at] = byte;
      const auto resources = Resources::open(bent);
      if (resources) CHECK(resources->find_text(0x7f010001).value_or("").size() < 200);
    }
  }
}

}  // namespace
}  // namespace amanat::program
