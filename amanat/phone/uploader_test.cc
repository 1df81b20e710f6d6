#include "amanat/phone/uploader.h"

#include <atomic>

#include <doctest/doctest.h>

namespace amanat::phone {
namespace {

Upload upload(std::uint8_t number) {
  Upload made;
  made.pack.fill()[0] = number;
  made.bytes = Bytes(100, number);
  return made;
}

}  // namespace

TEST_CASE("packs are stored in order, and their memory comes back") {
  Uploader uploader([](const Upload&) -> Result<> { return {}; }, 2);
  for (std::uint8_t i = 0; i < 10; ++i) REQUIRE(uploader.push(upload(i)));
  REQUIRE(uploader.finish());
  const auto stored = uploader.take_stored();
  REQUIRE(stored.size() == 10);
  for (std::uint8_t i = 0; i < 10; ++i) CHECK(stored[i].bytes()[0] == i);
  CHECK(uploader.take_stored().empty());
  CHECK(uploader.take_spare().size() == 100);
}

TEST_CASE("no more packs wait than were allowed") {
  std::mutex gate;
  std::unique_lock closed(gate);
  std::atomic<int> pushed = 0;
  Uploader uploader(
      [&](const Upload&) -> Result<> {
        const std::scoped_lock pass(gate);
        return {};
      },
      2);
  std::thread sealer([&] {
    for (std::uint8_t i = 0; i < 6; ++i) {
      if (uploader.push(upload(i))) ++pushed;
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(pushed <= 3);  // one is being sent, two wait
  closed.unlock();
  sealer.join();
  CHECK(uploader.finish());
  CHECK(uploader.take_stored().size() == 6);
}

TEST_CASE("a failure reaches whoever brings the next pack, and what was stored is known") {
  int calls = 0;
  Uploader uploader(
      [&](const Upload&) -> Result<> {
        if (++calls == 2) return fail(Code::denied, "no consent");
        return {};
      },
      1);
  REQUIRE(uploader.push(upload(0)));
  while (uploader.push(upload(1))) {
  }
  const auto finished = uploader.finish();
  REQUIRE_FALSE(finished);
  CHECK(finished.error().code == Code::denied);
  CHECK(uploader.take_stored().size() == 1);
}

TEST_CASE("a custodian that is away is asked again, for a while, and no other failure is") {
  std::vector<int> waits;
  int calls = 0;
  const auto wait = [&](int seconds) { waits.push_back(seconds); };
  auto done = put_patiently(
      [&]() -> Result<> {
        if (++calls < 3) return fail(Code::unavailable, "away");
        return {};
      },
      wait);
  CHECK(done);
  CHECK(waits == std::vector<int>{1, 2});

  waits.clear();
  done = put_patiently([]() -> Result<> { return fail(Code::unavailable, "away"); }, wait);
  CHECK_FALSE(done);
  CHECK(waits == std::vector<int>{1, 2, 4, 8});

  waits.clear();
  done = put_patiently([]() -> Result<> { return fail(Code::denied, "no"); }, wait);
  CHECK(done.error().code == Code::denied);
  CHECK(waits.empty());
}

}  // namespace amanat::phone
