#include "amanat/phone/verdict_cache.h"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <doctest/doctest.h>

#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;

namespace {

constexpr Instant kNow = Instant(std::chrono::days(20'000));
constexpr std::uint32_t kTargetPicture = 1U << 5U;
constexpr std::uint32_t kTargetProgram = 1U << 1U;

crypto::Hash hash_of(std::string_view text) { return crypto::sha256(as_bytes(text)); }

ScanVersions versions(std::string_view signatures) {
  return {hash_of(signatures), hash_of("limits")};
}

FileStamp stamp_of(std::uint64_t inode, std::chrono::nanoseconds age = std::chrono::hours(1)) {
  const auto changed = std::chrono::nanoseconds(kNow.time_since_epoch()) - age;
  return {1, inode, 100 + inode, changed.count(), changed.count()};
}

Examined examined(std::uint64_t inode, std::uint32_t targets = kTargetPicture) {
  Examined file{stamp_of(inode), hash_of(std::to_string(inode)), {}};
  file.known.met.targets = targets;
  return file;
}

VerdictCache made() {
  auto cache = VerdictCache::open_in_memory();
  REQUIRE(cache);
  return std::move(*cache);
}

std::size_t known_count(VerdictCache& cache, std::vector<FileStamp> stamps,
                        const ScanVersions& with, Instant now = kNow) {
  const auto found = cache.look_up(stamps, with, now);
  REQUIRE(found);
  return static_cast<std::size_t>(
      std::ranges::count_if(*found, [](const auto& known) { return known.has_value(); }));
}

}  // namespace

TEST_CASE("an unchanged file keeps its verdict; any change of its stamp loses it") {
  VerdictCache cache = made();
  Examined file = examined(7);
  file.known.verdict = {1, 2, 3};
  file.known.met.inner_sizes = {5, 6};
  REQUIRE(cache.remember({&file, 1}, versions("a"), kNow));
  const auto found = cache.look_up(std::vector{file.stamp}, versions("a"), kNow);
  REQUIRE(found);
  CHECK(found->at(0) == file.known);

  for (auto change : {+[](FileStamp& s) { ++s.device; }, +[](FileStamp& s) { ++s.inode; },
                      +[](FileStamp& s) { ++s.size; }, +[](FileStamp& s) { --s.mtime_ns; },
                      +[](FileStamp& s) { ++s.ctime_ns; }}) {
    FileStamp changed = file.stamp;
    change(changed);
    CHECK(known_count(cache, {changed}, versions("a")) == 0);
  }
}

TEST_CASE("a verdict of other signatures or limits is none") {
  VerdictCache cache = made();
  const Examined file = examined(7);
  REQUIRE(cache.remember({&file, 1}, versions("a"), kNow));
  CHECK(known_count(cache, {file.stamp}, versions("b")) == 0);
  CHECK(known_count(cache, {file.stamp}, {hash_of("a"), hash_of("other limits")}) == 0);
  REQUIRE(cache.remember({&file, 1}, versions("b"), kNow));
  CHECK(known_count(cache, {file.stamp}, versions("b")) == 1);
}

TEST_CASE("a file that changed within the last two seconds is not remembered, its content is") {
  VerdictCache cache = made();
  Examined file = examined(7);
  file.stamp = stamp_of(7, std::chrono::milliseconds(1'999));
  REQUIRE(cache.remember({&file, 1}, versions("a"), kNow));
  CHECK(known_count(cache, {file.stamp}, versions("a")) == 0);
  CHECK(cache.look_up(file.digest, versions("a"))->has_value());
  file.stamp = stamp_of(7, std::chrono::seconds(2));
  REQUIRE(cache.remember({&file, 1}, versions("a"), kNow));
  CHECK(known_count(cache, {file.stamp}, versions("a")) == 1);
}

TEST_CASE("two files of one content share a verdict") {
  VerdictCache cache = made();
  std::vector files{examined(1), examined(2)};
  files[1].digest = files[0].digest;
  REQUIRE(cache.remember({files.data(), 1}, versions("a"), kNow));
  const auto known = cache.look_up(files[1].digest, versions("a"));
  REQUIRE(known);
  CHECK(known->has_value());
}

TEST_CASE("new signatures cost a scan of what they could match, and of what has a finding") {
  VerdictCache cache = made();
  std::vector files{examined(1, kTargetPicture), examined(2, kTargetProgram),
                    examined(3, kTargetPicture), examined(4, kTargetPicture),
                    examined(5, kTargetPicture)};
  files[2].known.verdict = {1};            // has a finding
  files[3].known.met.add_inner(0, 4'711);  // holds an object of a size that is new
  REQUIRE(cache.remember(files, versions("a"), kNow));
  SignatureDelta delta{versions("a"), versions("b"), kTargetProgram, {105, 4'711}, false};
  const auto carried = cache.carry_over(delta);  // file 5 has 105 bytes
  REQUIRE(carried);
  CHECK(carried->kept == 1);
  CHECK(carried->to_scan == 4);
  CHECK(known_count(cache, {files[0].stamp}, versions("b")) == 1);
  CHECK(known_count(cache, {files[1].stamp, files[2].stamp, files[3].stamp, files[4].stamp},
                    versions("b"))
        == 0);
  delta.from = versions("b");
  delta.to = versions("c");
  delta.anything = true;
  CHECK(cache.carry_over(delta)->kept == 0);
}

TEST_CASE("a file with more sizes inside than are kept could match any new digest") {
  ObjectsMet met;
  for (std::uint64_t size = 1; size <= kInnerSizesMax; ++size) met.add_inner(0, size);
  met.add_inner(0, 1);
  SignatureDelta delta;
  delta.sizes = {1'000};
  CHECK(met.sizes_are_all);
  CHECK_FALSE(delta.could_match(10, met));
  met.add_inner(0, kInnerSizesMax + 1);
  CHECK_FALSE(met.sizes_are_all);
  CHECK(delta.could_match(10, met));
}

TEST_CASE("files that no scan meets for sixty days are forgotten, with their verdicts") {
  VerdictCache cache = made();
  const std::vector files{examined(1), examined(2)};
  REQUIRE(cache.remember(files, versions("a"), kNow));
  const Instant later = kNow + std::chrono::days(40);
  CHECK(known_count(cache, {files[0].stamp}, versions("a"), later) == 1);
  CHECK(cache.expire(kNow + std::chrono::days(60)).value() == 0);
  CHECK(cache.expire(kNow + std::chrono::days(61)).value() == 1);
  CHECK(cache.file_count().value() == 1);
  CHECK_FALSE(cache.look_up(files[1].digest, versions("a"))->has_value());
  CHECK(cache.look_up(files[0].digest, versions("a"))->has_value());
}

TEST_CASE("a damaged cache is made anew") {
  const store::TemporaryFolder folder;
  const auto path = folder.path() / "verdicts.db";
  {
    auto cache = VerdictCache::open(path);
    REQUIRE(cache);
    const Examined file = examined(1);
    REQUIRE(cache->remember({&file, 1}, versions("a"), kNow));
  }
  CHECK(VerdictCache::open(path)->file_count().value() == 1);
  std::ofstream(path, std::ios::trunc) << std::string(10'000, 'x');
  auto cache = VerdictCache::open(path);
  REQUIRE(cache);
  CHECK(cache->file_count().value() == 0);
}

TEST_CASE("thirty thousand unchanged files are looked up at once") {
  const store::TemporaryFolder folder;
  auto cache = VerdictCache::open(folder.path() / "verdicts.db");
  REQUIRE(cache);
  std::vector<Examined> files;
  std::vector<FileStamp> stamps;
  for (std::uint64_t i = 0; i < 30'000; ++i) {
    files.push_back(examined(i * 7919 % 30'000));
    stamps.push_back(files.back().stamp);
  }
  REQUIRE(cache->remember(files, versions("a"), kNow));
  const auto before = std::chrono::steady_clock::now();
  CHECK(known_count(*cache, stamps, versions("a")) == 30'000);
  const auto took = std::chrono::steady_clock::now() - before;
  MESSAGE("30,000 look-ups: " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
                              << " ms");
}
