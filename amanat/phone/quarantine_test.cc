#include "amanat/phone/quarantine.h"

#include <array>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;

namespace {

namespace fs = std::filesystem;

constexpr Instant kNow = Instant(std::chrono::days(20'000));
const QuarantineReason kReason{"Test-Signature", "daily.hdb", "inner.exe", "does harm"};

struct World {
  store::TemporaryFolder folder;
  fs::path files = folder.path() / "files";
  fs::path sealed = folder.path() / "quarantine";
  fs::path keys = folder.path() / "keys";

  World() {
    fs::create_directory(files);
    fs::create_directory(keys);
  }
  Quarantine open(Quarantine::OnStep on_step = {}) const {
    auto quarantine = Quarantine::open(sealed, keys, std::move(on_step));
    if (!quarantine) FAIL(quarantine.error().message);
    return std::move(*quarantine);
  }
  fs::path write(const std::string& name, std::string_view content) const {
    std::ofstream(files / name, std::ios::binary) << content;
    return files / name;
  }
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string content_of(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 + i / 4096);
  return content;
}

std::size_t count_of(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Runs `act` in a process that ends, without any cleaning up, before step number `last`; returns
// whether it got that far.
bool interrupted_before(std::size_t last, const std::function<void(Quarantine::OnStep)>& act) {
  const pid_t process = ::fork();
  if (process == 0) {
    std::size_t steps = 0;
    act([&](std::string_view) {
      if (steps++ == last) ::_exit(42);
    });
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

}  // namespace

TEST_CASE("a file goes into quarantine and comes back bit for bit") {
  const World world;
  Quarantine quarantine = world.open();
  for (const std::size_t size :
       {0UL, 1UL, (1UL << 20U) - 1, 1UL << 20U, (1UL << 20U) + 1, (3UL << 20U) + 17}) {
    CAPTURE(size);
    const fs::path path = world.write("a file", content_of(size));
    ::chmod(path.c_str(), 0640);
    struct stat before{};
    ::stat(path.c_str(), &before);
    const auto put = quarantine.put_away(path, kReason, kNow);
    REQUIRE(put);
    CHECK(put->other_names == 0);
    CHECK_FALSE(fs::exists(path));
    const auto where = quarantine.restore(put->id);
    REQUIRE(where);
    CHECK(*where == fs::canonical(world.files) / "a file");
    CHECK(read(path) == content_of(size));
    struct stat after{};
    ::stat(path.c_str(), &after);
    CHECK(after.st_mode == before.st_mode);
    CHECK(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
    CHECK(after.st_mtim.tv_sec == before.st_mtim.tv_sec);
    CHECK(quarantine.list()->files.empty());
    fs::remove(path);
  }
}

TEST_CASE("the quarantine says what is in it and why, also to the next program") {
  const World world;
  const fs::path path = world.write("evil", "evil content that nobody should find");
  {
    Quarantine quarantine = world.open();
    REQUIRE(quarantine.put_away(path, kReason, kNow));
  }
  const Quarantine quarantine = world.open();
  const auto list = quarantine.list();
  REQUIRE(list);
  REQUIRE(list->files.size() == 1);
  const QuarantineRecord& record = list->files[0].record;
  CHECK(record.path == (fs::canonical(world.files) / "evil").string());
  CHECK(record.reason == kReason);
  CHECK(record.when == kNow);
  CHECK(record.stamp.size == 36);
  CHECK(quarantine.show(list->files[0].id).value() == record);
  for (const auto& entry : fs::directory_iterator(world.sealed)) {
    CHECK_FALSE(read(entry.path()).contains("evil"));  // neither the name nor the content
    CHECK((fs::status(entry.path()).permissions() & fs::perms::others_all) == fs::perms::none);
  }
}

TEST_CASE("restoring overwrites nothing, and can go elsewhere") {
  const World world;
  Quarantine quarantine = world.open();
  const fs::path path = world.write("file", "bad");
  const auto put = quarantine.put_away(path, kReason, kNow);
  REQUIRE(put);
  world.write("file", "a new one");
  CHECK(quarantine.restore(put->id).error().code == Code::conflict);
  fs::remove(path);
  fs::create_symlink("nowhere", path);
  CHECK(quarantine.restore(put->id).error().code == Code::conflict);
  CHECK(quarantine.restore(put->id, world.folder.path() / "no" / "such").error().code
        == Code::not_found);
  CHECK(quarantine.list()->files.size() == 1);
  fs::create_directory(world.files / "other");
  CHECK(quarantine.restore(put->id, world.files / "other").has_value());
  CHECK(read(world.files / "other" / "file") == "bad");
  CHECK(quarantine.restore(put->id).error().code == Code::not_found);
}

TEST_CASE("a file of the quarantine is destroyed for good") {
  const World world;
  Quarantine quarantine = world.open();
  const auto put = quarantine.put_away(world.write("file", "bad"), kReason, kNow);
  REQUIRE(put);
  CHECK(quarantine.destroy(put->id).has_value());
  CHECK(quarantine.destroy(put->id).error().code == Code::not_found);
  CHECK(count_of(world.sealed) == 0);
}

TEST_CASE("hostile names are kept as they are") {
  const World world;
  Quarantine quarantine = world.open();
  for (const std::string& name :
       {std::string("\xff\xfe"), std::string("line\nbreak"), std::string("\x1b[2Jescape"),
        std::string("-rf"), std::string(" "), std::string("..."), std::string("a.sealed"),
        std::string(255, 'n')}) {
    CAPTURE(name);
    const fs::path path = world.write(name, name);
    const auto put = quarantine.put_away(path, kReason, kNow);
    REQUIRE(put);
    CHECK(quarantine.show(put->id)->path == (fs::canonical(world.files) / name).string());
    REQUIRE(quarantine.restore(put->id));
    CHECK(read(path) == name);
  }
  CHECK(quarantine.put_away(world.files / "..", kReason, kNow).error().code == Code::invalid_input);
  CHECK(quarantine.put_away(world.files / "", kReason, kNow).error().code == Code::invalid_input);
}

TEST_CASE("links, folders and pipes are not put away") {
  const World world;
  Quarantine quarantine = world.open();
  const fs::path target = world.write("target", "fine");
  fs::create_symlink(target, world.files / "link");
  fs::create_directory(world.files / "folder");
  ::mkfifo((world.files / "pipe").c_str(), 0600);
  for (const char* name : {"link", "folder", "pipe"}) {
    CAPTURE(name);
    CHECK(quarantine.put_away(world.files / name, kReason, kNow).error().code
          == Code::invalid_input);
  }
  CHECK(quarantine.put_away(world.files / "gone", kReason, kNow).error().code == Code::not_found);
  CHECK(read(target) == "fine");
  CHECK(count_of(world.sealed) == 0);
}

TEST_CASE("other names of a file that was put away are told of") {
  const World world;
  Quarantine quarantine = world.open();
  const fs::path path = world.write("file", "bad");
  fs::create_hard_link(path, world.files / "second");
  CHECK(quarantine.put_away(path, kReason, kNow)->other_names == 1);
}

TEST_CASE("a file that changes while it is put away stays where it is") {
  const World world;
  const fs::path path = world.write("file", "bad");
  Quarantine quarantine = world.open([&](std::string_view step) {
    if (step == "name the copy") std::ofstream(path, std::ios::app) << " and more";
  });
  CHECK(quarantine.put_away(path, kReason, kNow).error().code == Code::conflict);
  CHECK(read(path) == "bad and more");
  CHECK(count_of(world.sealed) == 0);
}

TEST_CASE("what is bent in the quarantine is found, told of and not given back") {
  const World world;
  Quarantine quarantine = world.open();
  const auto put = quarantine.put_away(world.write("file", content_of(100)), kReason, kNow);
  REQUIRE(put);
  const fs::path sealed = world.sealed / (put->id.hex() + ".sealed");
  const std::string whole = read(sealed);
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    std::string bent = whole;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    std::ofstream(sealed, std::ios::binary) << bent;
    CHECK(quarantine.restore(put->id).error().code == Code::forged);
  }
  std::ofstream(sealed, std::ios::binary) << whole.substr(0, whole.size() - 1);
  CHECK(quarantine.restore(put->id).error().code == Code::forged);
  std::ofstream(sealed, std::ios::binary) << whole.substr(0, 50);
  CHECK(quarantine.list()->damaged == std::vector{put->id});
  CHECK(count_of(world.files) == 0);
  std::ofstream(sealed, std::ios::binary) << whole;
  CHECK(quarantine.restore(put->id).has_value());
}

TEST_CASE("an interruption before any step of putting away loses nothing, and is finished later") {
  std::size_t step = 0;
  for (bool interrupted = true; interrupted; ++step) {
    CAPTURE(step);
    const World world;
    const fs::path path = world.write("file", content_of(5'000));
    {
      const Quarantine made = world.open();
    }
    interrupted = interrupted_before(step, [&](Quarantine::OnStep on_step) {
      auto quarantine = Quarantine::open(world.sealed, world.keys, std::move(on_step));
      std::ignore = quarantine->put_away(path, kReason, kNow);
    });
    CHECK((fs::exists(path) ? read(path) == content_of(5'000) : !interrupted));
    Quarantine quarantine = world.open();
    const auto list = quarantine.list();
    REQUIRE(list);
    CHECK(list->damaged.empty());
    // It is in one of the two, never in both, once the next program has opened the quarantine.
    CHECK(list->files.size() == (fs::exists(path) ? 0 : 1));
    CHECK(count_of(world.sealed) == list->files.size());
    if (!list->files.empty()) REQUIRE(quarantine.restore(list->files[0].id));
    CHECK(read(path) == content_of(5'000));
  }
  CHECK(step == 5);  // four steps, and one run to the end
}

TEST_CASE("an interruption before any step of restoring loses nothing") {
  std::size_t step = 0;
  for (bool interrupted = true; interrupted; ++step) {
    CAPTURE(step);
    const World world;
    const fs::path path = world.write("file", content_of(5'000));
    const QuarantineId id = world.open().put_away(path, kReason, kNow)->id;
    interrupted = interrupted_before(step, [&](Quarantine::OnStep on_step) {
      auto quarantine = Quarantine::open(world.sealed, world.keys, std::move(on_step));
      std::ignore = quarantine->restore(id);
    });
    Quarantine quarantine = world.open();
    CHECK(count_of(world.files) == (fs::exists(path) ? 1 : 0));  // nothing half restored
    const std::size_t kept = quarantine.list()->files.size();
    CHECK(kept + (fs::exists(path) ? 1U : 0U) >= 1);
    if (!fs::exists(path)) CHECK(quarantine.restore(id).has_value());
    CHECK(read(path) == content_of(5'000));
  }
  CHECK(step == 5);
}

TEST_CASE("without its key the quarantine gives nothing back") {
  const World world;
  const fs::path path = world.write("file", "bad");
  const QuarantineId id = world.open().put_away(path, kReason, kNow)->id;
  fs::remove(world.keys / "quarantine");
  Quarantine quarantine = world.open();
  CHECK(quarantine.list()->damaged == std::vector{id});
  CHECK(quarantine.restore(id).error().code == Code::forged);
}
