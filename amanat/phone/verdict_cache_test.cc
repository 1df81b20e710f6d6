#include "amanat/phone/verdict_cache.h"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <doctest/doctest.h>

#include "amanat/phone/threat_database.h"
#include "amanat/scan/inventory.h"
#include "amanat/store/temporary_folder.h"
#include "amanat/threat/compile.h"

using namespace amanat;
using namespace amanat::phone;

namespace {

constexpr Instant kNow = Instant(std::chrono::days(20'000));
constexpr auto kPicture = signature::Target::graphics;
constexpr auto kProgram = signature::Target::pe;

crypto::Hash hash_of(std::string_view text) { return crypto::sha256(as_bytes(text)); }

ScanVersions versions(std::string_view signatures) {
  return {hash_of(signatures), hash_of("limits")};
}

FileStamp stamp_of(std::uint64_t inode, std::chrono::nanoseconds age = std::chrono::hours(1)) {
  const auto changed = std::chrono::nanoseconds(kNow.time_since_epoch()) - age;
  return {1, inode, 100 + inode, changed.count(), changed.count()};
}

Examined examined(std::uint64_t inode, signature::Target target = kPicture) {
  Examined file{stamp_of(inode), hash_of(std::to_string(inode)), {}};
  file.known.met.add_target(target);
  file.known.met.sizes.add(file.stamp.size);
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
  file.known.met.sizes.add(5);
  REQUIRE(cache.remember({&file, 1}, versions("a"), kNow));
  const auto found = cache.look_up(std::vector{file.stamp}, versions("a"), kNow);
  REQUIRE(found);
  CHECK(found->at(0) == file.known.verdict);
  CHECK(cache.look_up(file.digest, versions("a")).value() == file.known);

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

namespace {

/// The inventory of a database of these hashes for sizes, and body signatures.
Bytes inventory(const std::string& hashes, const std::string& bodies) {
  threat::Compiler compiler;
  const auto source = compiler.add_source({"test", "", threat::Class::malware});
  compiler.add_file(source, signature::kind_of("a.hdb").value(), hashes);
  compiler.add_file(source, signature::kind_of("a.ndb").value(), bodies);
  auto image = std::move(compiler).finish();
  REQUIRE(image);
  return scan::inventory_of(scan::Database::from_parts(std::move(*image), {}, {}).value());
}

const std::string kOneHash = "0f343b0931126a20f133d67c2b018a3b:9999:One\n";
const std::string kOneBody = "One:6:*:6162636465666768\n";

}  // namespace

TEST_CASE("new signatures cost a scan of what they could match, and of what has a finding") {
  VerdictCache cache = made();
  std::vector files{examined(1), examined(2, kProgram), examined(3), examined(4), examined(5)};
  files[2].known.verdict = {1};         // has a finding
  files[3].known.met.sizes.add(4'711);  // holds an object of a size that is new
  CHECK_FALSE(
      cache.take_up(hash_of("a"), [] { return inventory(kOneHash, kOneBody); })->has_value());
  REQUIRE(cache.remember(files, versions("a"), kNow));
  CHECK_FALSE(cache
                  .take_up(hash_of("a"),
                           []() -> Bytes {
                             FAIL("it is in use");
                             return {};
                           })
                  ->has_value());
  const auto carried = cache.take_up(hash_of("b"), [] {
    return inventory(kOneHash + "1f343b0931126a20f133d67c2b018a3b:4711:Two\n"
                     "2f343b0931126a20f133d67c2b018a3b:105:Three\n",  // file 5 has 105 bytes
                     kOneBody + "Two:1:*:6162636465666769\n");
  });
  REQUIRE(carried);
  CHECK(*carried == CarriedOver{.kept = 1, .to_examine = 4});
  CHECK(known_count(cache, {files[0].stamp}, versions("b")) == 1);
  CHECK(known_count(cache, {files[1].stamp, files[2].stamp, files[3].stamp, files[4].stamp},
                    versions("b"))
        == 0);
  // Whose new verdict is there is carried over with the rest.
  files[1].known.met.targets = 0;
  REQUIRE(cache.remember({&files[1], 1}, versions("b"), kNow));
  const auto back = cache.take_up(hash_of("a"), [] { return inventory(kOneHash, kOneBody); });
  CHECK(*back == CarriedOver{.kept = 2, .to_examine = 0});
  // The verdicts that were left behind are of that version again.
  CHECK(known_count(cache, {files[0].stamp, files[1].stamp, files[4].stamp}, versions("a")) == 3);
}

TEST_CASE("without the inventory of the earlier database, or with a damaged one, all is examined") {
  VerdictCache cache = made();
  const Examined file = examined(1);
  REQUIRE(cache.remember({&file, 1}, versions("a"), kNow));
  CHECK_FALSE(
      cache.take_up(hash_of("b"), [] { return inventory(kOneHash, kOneBody); })->has_value());
  CHECK(known_count(cache, {file.stamp}, versions("b")) == 0);
  REQUIRE(cache.remember({&file, 1}, versions("b"), kNow));
  const auto damaged = cache.take_up(hash_of("c"), [] { return Bytes{1, 2, 3}; });
  CHECK(*damaged == CarriedOver{.kept = 0, .to_examine = 1});
  REQUIRE(cache.remember({&file, 1}, versions("c"), kNow));
  CHECK(*cache.take_up(hash_of("d"), [] { return inventory(kOneHash, kOneBody); })
        == CarriedOver{.kept = 0, .to_examine = 1});
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

TEST_CASE("a named database is compared with its checksum once, and again when it changed") {
  const store::TemporaryFolder folder;
  const auto path = folder.path() / "threats.adb";
  REQUIRE(scan::Database::builtin().save(path));
  VerdictCache cache = made();
  const ManualClock later(SystemClock().now() + std::chrono::hours(1));
  REQUIRE(open_named_threats(path, &cache, later));
  auto database = scan::Database::open(path);
  REQUIRE(database);
  CHECK(cache.is_checked(stamp(database->file()->number()).value()).value());
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-70, std::ios::end);
    file.put('!');
  }
  const auto damaged = open_named_threats(path, &cache, later);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == Code::corrupt);
  CHECK(damaged.error().message.contains("checksum"));
  CHECK_FALSE(open_named_threats(path, nullptr, later));
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
