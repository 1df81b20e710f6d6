#include "amanat/phone/watch.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;
using std::chrono::milliseconds;
using What = Change::What;

namespace {

namespace fs = std::filesystem;

const WatchOptions kQuick{.quiet = milliseconds(20), .wait_max = milliseconds(200)};

void write(const fs::path& path, std::string_view content) {
  std::ofstream(path, std::ios::app) << content;
}

// A folder that is watched, by one source or the other.
struct World {
  store::TemporaryFolder folder;
  fs::path top = fs::canonical(folder.path()) / "top";
  fs::path outside = fs::canonical(folder.path()) / "outside";
  bool without_fanotify;

  explicit World(bool by_inotify) : without_fanotify(by_inotify) {
    fs::create_directories(top / "old" / "deep");
    fs::create_directories(outside);
  }
  Watch start(WatchOptions options = kQuick) const {
    options.without_fanotify = without_fanotify;
    auto watch = Watch::start({top}, options);
    if (!watch) FAIL(watch.error().message);
    CAPTURE(watch->source());
    return std::move(*watch);
  }
};

bool has(const std::vector<Change>& changes, What what, const fs::path& path) {
  return std::ranges::find(changes, Change{what, path.string()}) != changes.end();
}

// What comes until nothing comes for a while.
std::vector<Change> all_changes(Watch& watch) {
  std::vector<Change> changes;
  std::size_t before = 0;
  do {
    before = changes.size();
    const auto done = watch.wait(milliseconds(300), [&](const Change& c) { changes.push_back(c); });
    REQUIRE(done);
  } while (changes.size() > before);
  return changes;
}

// Runs a test with each source that this process may use.
void with_each_source(const std::function<void(const World&)>& test) {
  for (const bool by_inotify : {true, false}) {
    const World world(by_inotify);
    if (!by_inotify && world.start().source() != "fanotify") {
      MESSAGE("fanotify is not permitted here");
      continue;
    }
    CAPTURE(by_inotify);
    test(world);
  }
}

}  // namespace

TEST_CASE("a file that is written, moved or linked into a watched folder is told once") {
  with_each_source([](const World& world) {
    Watch watch = world.start();
    write(world.top / "a", "x");
    write(world.top / "a", "y");
    write(world.top / "old" / "deep" / "b", "x");
    write(world.outside / "c", "x");
    fs::rename(world.outside / "c", world.top / "c");
    write(world.outside / "d", "x");
    fs::create_hard_link(world.outside / "d", world.top / "old" / "d");
    const auto changes = all_changes(watch);
    CHECK(changes.size() == 4);
    CHECK(has(changes, What::file, world.top / "a"));
    CHECK(has(changes, What::file, world.top / "old" / "deep" / "b"));
    CHECK(has(changes, What::file, world.top / "c"));
    CHECK(has(changes, What::file, world.top / "old" / "d"));
  });
}

TEST_CASE("what happens in new and moved folders is seen, under the path they have now") {
  with_each_source([](const World& world) {
    Watch watch = world.start();
    fs::create_directories(world.top / "new" / "deeper");
    std::ignore = all_changes(watch);
    write(world.top / "new" / "deeper" / "a", "x");
    CHECK(has(all_changes(watch), What::file, world.top / "new" / "deeper" / "a"));

    fs::rename(world.top / "new", world.top / "old" / "newer");
    CHECK(has(all_changes(watch), What::folder, world.top / "old" / "newer"));
    write(world.top / "old" / "newer" / "deeper" / "b", "x");
    CHECK(has(all_changes(watch), What::file, world.top / "old" / "newer" / "deeper" / "b"));

    fs::create_directory(world.outside / "full");
    write(world.outside / "full" / "c", "x");
    fs::rename(world.outside / "full", world.top / "full");
    CHECK(has(all_changes(watch), What::folder, world.top / "full"));
  });
}

TEST_CASE("what happens elsewhere, or is only read, is not told") {
  with_each_source([](const World& world) {
    write(world.top / "read", "x");
    fs::create_directory_symlink(world.outside, world.top / "link");
    Watch watch = world.start();
    write(world.outside / "a", "x");
    write(world.top / "link" / "b", "x");  // outside, through a link
    std::string line;
    std::getline(std::ifstream(world.top / "read"), line);
    fs::create_directory_symlink(world.outside, world.top / "second link");
    fs::rename(world.top / "old", world.outside / "old");
    write(world.outside / "old" / "deep" / "c", "x");
    CHECK(all_changes(watch).empty());
  });
}

TEST_CASE("a folder that was removed and made again is watched again") {
  with_each_source([](const World& world) {
    Watch watch = world.start();
    for (int i = 0; i < 3; ++i) {
      fs::remove_all(world.top / "old");
      fs::create_directory(world.top / "old");
    }
    std::ignore = all_changes(watch);
    write(world.top / "old" / "a", "x");
    CHECK(has(all_changes(watch), What::file, world.top / "old" / "a"));
  });
}

TEST_CASE("folders beyond the number of watches are told, so that they can be scanned") {
  const World world(true);
  WatchOptions options = kQuick;
  options.watches_max = 2;
  Watch watch = world.start(options);
  CHECK(watch.watch_count() == 2);
  CHECK(has(all_changes(watch), What::unwatched, world.top / "old" / "deep"));
  fs::create_directory(world.top / "new");
  CHECK(has(all_changes(watch), What::unwatched, world.top / "new"));
}

TEST_CASE("a watched folder that is removed is told") {
  const World world(true);
  Watch watch = world.start();
  fs::remove_all(world.top);
  CHECK(has(all_changes(watch), What::unwatched, world.top));
}

TEST_CASE("events that were lost make everything due") {
  const World world(true);
  std::ifstream limit_file("/proc/sys/fs/inotify/max_queued_events");
  std::size_t limit = 0;
  if (!(limit_file >> limit) || limit > 100'000) return;
  Watch watch = world.start();
  for (std::size_t i = 0; i < limit + 100; ++i) {
    std::ofstream(world.top / std::to_string(i % 100));
  }
  const auto changes = all_changes(watch);
  CHECK(has(changes, What::everything, {}));
}

TEST_CASE("a folder that is not there cannot be watched") {
  CHECK(Watch::start({"/no/such/folder"}, kQuick).error().code == Code::not_found);
}

TEST_CASE("a path is given out when it is quiet, or has waited long enough") {
  using Time = QuietPaths::Time;
  const auto at = [](int ms) { return Time(milliseconds(ms)); };
  QuietPaths paths(milliseconds(100), milliseconds(1'000));
  CHECK_FALSE(paths.next());
  paths.note({What::file, "/a"}, at(0));
  paths.note({What::file, "/a"}, at(90));
  CHECK(paths.next() == at(190));
  CHECK(paths.take(at(189)).empty());
  CHECK(paths.take(at(190)) == std::vector{Change{What::file, "/a"}});
  CHECK(paths.take(at(500)).empty());

  for (int time = 0; time < 1'000; time += 50) paths.note({What::file, "/b"}, at(time));
  CHECK(paths.take(at(999)).empty());
  CHECK(paths.take(at(1'000)).size() == 1);
}

TEST_CASE("too many changed paths at one time make everything due") {
  using Time = QuietPaths::Time;
  QuietPaths paths(milliseconds(100), milliseconds(1'000));
  for (std::size_t i = 0; i <= QuietPaths::kPathsMax; ++i) {
    paths.note({What::file, "/" + std::to_string(i)}, Time());
  }
  CHECK(paths.take(Time(milliseconds(100))) == std::vector{Change{What::everything, ""}});
  paths.note({What::file, "/a"}, Time());
  CHECK(paths.take(Time(milliseconds(100))).size() == 1);
}
