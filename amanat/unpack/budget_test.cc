#include "amanat/unpack/budget.h"

#include <doctest/doctest.h>

#include "amanat/unpack/test_look.h"
#include "amanat/unpack/zip_maker.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {
Bytes bomb(std::size_t entries, std::size_t size) {
  const Bytes zeros(size, 0);
  ZipMaker maker;
  for (std::size_t i = 0; i < entries; ++i) maker.deflate("z" + std::to_string(i), zeros);
  return maker.make();
}
}  // namespace

TEST_CASE("a bomb ends where its budget ends, and the limit is named") {
  struct Case {
    Limits limits;
    Limit reached;
    std::size_t entries;  // handed over
  };
  const Bytes object = bomb(3, 1'000'000);
  const auto cases = std::to_array<Case>({
      {.limits = {}, .reached = Limit::none, .entries = 3},
      {.limits = {.depth_max = 0}, .reached = Limit::depth, .entries = 0},
      {.limits = {.entries_max = 2}, .reached = Limit::entries, .entries = 2},
      {.limits = {.bytes_max = 2'500'000}, .reached = Limit::bytes, .entries = 3},
      {.limits = {.object_bytes_max = 999'999}, .reached = Limit::object_bytes, .entries = 3},
      {.limits = {.ratio_max = 2, .ratio_free_bytes = 100}, .reached = Limit::ratio, .entries = 3},
      {.limits = {.memory_bytes_max = 999'999}, .reached = Limit::memory, .entries = 3},
      {.limits = {.time_max = std::chrono::milliseconds(-1)},
       .reached = Limit::deadline,
       .entries = 0},
  });
  for (const Case& c : cases) {
    const Looked looked = look_into(Kind::zip, object, c.limits);
    CAPTURE(describe(c.reached));
    CHECK(looked.reached == c.reached);
    CHECK(looked.pieces.size() == c.entries);
    CHECK((looked.outcome.end == End::over_budget) == (c.reached != Limit::none));
    for (const Piece& piece : looked.pieces) {
      CHECK(piece.content.size() <= c.limits.object_bytes_max);
      CHECK((piece.end == End::whole) == (piece.content.size() == 1'000'000));
    }
  }
}

TEST_CASE("what was cut off by the budget is handed over as far as it came") {
  const Looked looked = look_into(Kind::zip, bomb(1, 1'000'000), {.object_bytes_max = 1000});
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.pieces[0].content == std::string(1000, '\0'));
  CHECK(looked.pieces[0].end == End::over_budget);
}

TEST_CASE("the listener may stop") {
  const ManualClock clock{Instant{}};
  Budget budget(Limits{}, clock);
  int seen = 0;
  const Bytes object = bomb(3, 10);
  const Outcome outcome = unpack::unpack(Kind::zip, object, budget, [&](const Found&) {
    ++seen;
    return seen < 2;
  });
  CHECK(seen == 2);
  CHECK(outcome.stopped);
  CHECK(outcome.entries == 2);
}

TEST_CASE("the deadline ends the work between two entries") {
  ManualClock clock{Instant{}};
  Budget budget({.time_max = std::chrono::milliseconds(100)}, clock);
  int seen = 0;
  const Bytes object = bomb(3, 10);
  const Outcome outcome = unpack::unpack(Kind::zip, object, budget, [&](const Found&) {
    ++seen;
    clock.advance(std::chrono::milliseconds(60));
    return true;
  });
  CHECK(seen == 2);
  CHECK(outcome.end == End::over_budget);
  CHECK(budget.reached() == Limit::deadline);
}

TEST_CASE("things that hold nothing are fine at any depth") {
  const Looked looked = look_into(Kind::text_ascii, bytes_of("text"), {.depth_max = 0});
  CHECK(looked.outcome.end == End::whole);
  CHECK(looked.reached == Limit::none);
}
