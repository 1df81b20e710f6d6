#pragma once

// What every implementation of Blobs keeps to: run on memory and on files.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/store/blobs.h"

namespace amanat::store {

inline BlobName suite_name(std::uint8_t first, std::uint8_t second = 0) {
  return BlobName(std::array<std::uint8_t, 32>{first, second, 0xab});
}

inline Bytes suite_bytes(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

inline void put(Blobs& blobs, const BlobName& name, ByteView bytes) {
  auto writer = blobs.begin(name);
  REQUIRE(writer.has_value());
  REQUIRE((*writer)->write(bytes).has_value());
  REQUIRE((*writer)->commit().has_value());
}

inline std::map<BlobName, std::uint64_t> listed(Blobs& blobs) {
  std::map<BlobName, std::uint64_t> found;
  const auto done = blobs.list([&](const BlobName& name, std::uint64_t size) -> Result<> {
    CHECK(found.emplace(name, size).second);
    return {};
  });
  CHECK(done.has_value());
  return found;
}

inline void check_what_is_written_is_read(Blobs& blobs) {
  const Bytes bytes = suite_bytes(100'000);
  auto writer = blobs.begin(suite_name(1));
  REQUIRE(writer.has_value());
  for (std::size_t at = 0; at < bytes.size(); at += 30'000) {
    const std::size_t count = std::min<std::size_t>(30'000, bytes.size() - at);
    REQUIRE((*writer)->write(ByteView(bytes).subspan(at, count)).has_value());
  }
  CHECK_FALSE(blobs.size(suite_name(1))->has_value());  // not before it is committed
  REQUIRE((*writer)->commit().has_value());
  CHECK(**blobs.size(suite_name(1)) == bytes.size());
  writer->reset();
  CHECK(**blobs.size(suite_name(1)) == bytes.size());
  const auto age = SystemClock().now() - blobs.written_at(suite_name(1))->value();
  CHECK(age > -std::chrono::minutes(1));
  CHECK(age < std::chrono::minutes(10));

  Bytes all(bytes.size());
  REQUIRE(blobs.read(suite_name(1), 0, all).has_value());
  CHECK(all == bytes);
  Bytes part(10);
  REQUIRE(blobs.read(suite_name(1), 99'990, part).has_value());
  CHECK(std::ranges::equal(part, ByteView(bytes).last(10)));
  CHECK(blobs.read(suite_name(1), 99'991, part).error().code == Code::invalid_input);
  CHECK(blobs.read(suite_name(1), ~std::uint64_t{0}, part).error().code == Code::invalid_input);
  CHECK(blobs.read(suite_name(1), 100'000, ByteSpan{}).has_value());
}

inline void check_absent(Blobs& blobs) {
  Bytes part(1);
  CHECK(blobs.read(suite_name(9), 0, part).error().code == Code::not_found);
  CHECK_FALSE(blobs.size(suite_name(9))->has_value());
  CHECK_FALSE(blobs.written_at(suite_name(9))->has_value());
  CHECK_FALSE(*blobs.remove(suite_name(9)));
  CHECK(listed(blobs).empty());
}

inline void check_abandoned(Blobs& blobs) {
  {
    auto writer = blobs.begin(suite_name(1));
    REQUIRE(writer.has_value());
    REQUIRE((*writer)->write(suite_bytes(1000)).has_value());
  }
  CHECK_FALSE(blobs.size(suite_name(1))->has_value());
  put(blobs, suite_name(1), suite_bytes(5));
  CHECK(**blobs.size(suite_name(1)) == 5);
}

inline void check_written_once(Blobs& blobs) {
  auto early = blobs.begin(suite_name(1));
  REQUIRE(early.has_value());
  REQUIRE((*early)->write(suite_bytes(7)).has_value());
  put(blobs, suite_name(1), suite_bytes(5));
  CHECK(blobs.begin(suite_name(1)).error().code == Code::conflict);
  CHECK((*early)->commit().error().code == Code::conflict);
  early->reset();
  CHECK(**blobs.size(suite_name(1)) == 5);
}

inline void check_listed_and_removed(Blobs& blobs) {
  put(blobs, suite_name(1), suite_bytes(5));
  put(blobs, suite_name(1, 1), suite_bytes(6));
  put(blobs, suite_name(2), {});
  CHECK(listed(blobs)
        == std::map<BlobName, std::uint64_t>{
            {suite_name(1), 5}, {suite_name(1, 1), 6}, {suite_name(2), 0}});
  CHECK(*blobs.remove(suite_name(1)));
  CHECK_FALSE(*blobs.remove(suite_name(1)));
  CHECK(listed(blobs).size() == 2);
  const auto stopped = blobs.list(
      [](const BlobName&, std::uint64_t) -> Result<> { return fail(Code::denied, "enough"); });
  CHECK(stopped.error().code == Code::denied);
  put(blobs, suite_name(1), suite_bytes(8));  // a removed name may be used again
  CHECK(**blobs.size(suite_name(1)) == 8);
  CHECK(*blobs.free_bytes() > 0);
}

inline void check_many_writers_of_one_name(Blobs& blobs) {
  std::vector<std::thread> threads;
  std::array<bool, 4> won{};
  for (std::size_t i = 0; i < won.size(); ++i) {
    threads.emplace_back([&, i] {
      auto writer = blobs.begin(suite_name(3));
      if (!writer) return;
      won.at(i) =
          (*writer)->write(suite_bytes(i + 1)).has_value() && (*writer)->commit().has_value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(std::ranges::count(won, true) == 1);
  const auto winner = static_cast<std::uint64_t>(std::ranges::find(won, true) - won.begin());
  CHECK(**blobs.size(suite_name(3)) == winner + 1);
}

/// `make` gives empty blobs.
inline void check_blobs(const std::function<std::unique_ptr<Blobs>()>& make) {
  const auto blobs = make();
  SUBCASE("what was written is read, in whole and in part") {
    check_what_is_written_is_read(*blobs);
  }
  SUBCASE("what is not there is not found") { check_absent(*blobs); }
  SUBCASE("a writer that dies uncommitted leaves nothing") { check_abandoned(*blobs); }
  SUBCASE("a name is written once, whoever began first") { check_written_once(*blobs); }
  SUBCASE("what is there is listed, and what is removed is not") {
    check_listed_and_removed(*blobs);
  }
  SUBCASE("of many writers of one name one wins") { check_many_writers_of_one_name(*blobs); }
}

}  // namespace amanat::store
