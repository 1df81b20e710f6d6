#include "amanat/phone/restore_plan.h"

#include <doctest/doctest.h>

namespace amanat::phone {
namespace {

Piece piece(std::uint32_t pack, std::uint32_t offset, std::uint32_t stored,
            std::uint32_t file = 0) {
  return {.file = file,
          .offset = 0,
          .pack = pack,
          .place = {.name = {}, .offset = offset, .stored = stored, .raw = stored}};
}

}  // namespace

TEST_CASE("each pack is fetched once, and its blobs are read in the order they lie in it") {
  const auto jobs =
      plan_packs({piece(1, 900'000, 10), piece(0, 5, 10), piece(1, 3, 900'000)}, {20, 20});
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].pack == 0);
  CHECK(jobs[1].pack == 1);
  REQUIRE(jobs[1].pieces.size() == 2);
  CHECK(jobs[1].pieces[0].place.offset == 3);
  CHECK(jobs[1].runs.empty());  // nearly all of it is needed
}

TEST_CASE("of a pack of which little is needed only the frames that hold it are fetched") {
  const auto frame = static_cast<std::uint32_t>(seal::kFramePlainBytes);
  const auto jobs = plan_packs(
      {piece(0, 10 * frame + 1, 5), piece(0, 12 * frame - 1, 2), piece(0, 100 * frame, frame)},
      {256});
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].runs == std::vector<FrameRun>{{10, 3}, {100, 1}});
}

TEST_CASE("a pattern names a file, a folder with all that is in it, or an ending") {
  CHECK(matches("DCIM", "DCIM/a/b.jpg"));
  CHECK(matches("*.jpg", "DCIM/a/b.jpg"));
  CHECK(matches("DCIM/*/b.jpg", "DCIM/a/b.jpg"));
  CHECK_FALSE(matches("CIM", "DCIM/a/b.jpg"));
  CHECK_FALSE(matches("*.png", "DCIM/a/b.jpg"));
}

TEST_CASE("one folder comes back where it is asked for, several under their own names") {
  CHECK(place_roots({"/data/phone"}) == std::vector<std::string>{""});
  CHECK(place_roots({"/data/phone", "/sd/phone", "/"})
        == std::vector<std::string>{"phone", "phone-2", "root"});
}

}  // namespace amanat::phone
