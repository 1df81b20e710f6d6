#include <doctest/doctest.h>

#include "amanat/unpack/test_chm.h"
#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {

Bytes make_help() {
  ChmMaker maker;
  maker.add_stored("/stored.txt", "lies as it is");
  maker.add_packed("the first page, the second page");
  maker.add("/second.htm", 1, 17, 14);
  maker.add("/first.htm", 1, 0, 14);
  return maker.make();
}

}  // namespace

TEST_CASE("a help file gives the files of both sections") {
  const Bytes help = make_help();
  CHECK(kind_of(help) == Kind::chm);
  const Looked looked = look_into(Kind::chm, help);
  CHECK(looked.outcome.end == End::whole);
  CHECK(looked.content_of("/stored.txt") == "lies as it is");
  CHECK(looked.content_of("/first.htm") == "the first page");
  CHECK(looked.content_of("/second.htm") == "he second page");
  REQUIRE_FALSE(looked.pieces.empty());
  CHECK(looked.pieces.front().is_view);
}

TEST_CASE("a help file that is cut anywhere is damaged, and comes to an end") {
  const Bytes help = make_help();
  for (std::size_t size = 8; size < help.size(); size += size < 0x1200 ? 97 : 4099) {
    CAPTURE(size);
    CHECK(look_into(Kind::chm, ByteView(help).first(size)).outcome.end != End::whole);
  }
}

TEST_CASE("a file of a help file that says it is larger than the stream is damaged") {
  ChmMaker maker;
  maker.add_packed("short");
  maker.add("/long.htm", 1, 0, 1ULL << 40);
  const Looked looked = look_into(Kind::chm, maker.make());
  CHECK(looked.outcome.end == End::damaged);
}

TEST_CASE("the pages of a help file keep the budget of one object") {
  const Looked looked = look_into(Kind::chm, make_help(), {.object_bytes_max = 10});
  CHECK(looked.outcome.end == End::over_budget);
  CHECK(looked.reached == Limit::object_bytes);
}
