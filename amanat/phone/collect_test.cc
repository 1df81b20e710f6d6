#include "amanat/phone/collect.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace amanat::phone {
namespace {

namespace fs = std::filesystem;

// A folder of its own for one test, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "amanat-collect-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  fs::path operator/(std::string_view name) const { return path_ / name; }
  void write(std::string_view name, std::string_view content) const {
    const fs::path path = path_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  OpenFile open() const {
    auto folder = OpenFile::open_folder(path_.string());
    REQUIRE(folder);
    return *std::move(folder);
  }
  Collection collected() const {
    auto found = collect(open());
    REQUIRE(found);
    return *std::move(found);
  }

 private:
  fs::path path_;
};

std::vector<std::string> paths_of(const Collection& collection) {
  std::vector<std::string> paths;
  for (const Item& item : collection.items) paths.push_back(item.main.path);
  return paths;
}

constexpr std::string_view kDatabase{"SQLite format 3\0", 16};
constexpr std::string_view kLog = "\x37\x7F\x06\x82rest";

}  // namespace

TEST_CASE("a folder is listed bytewise, each folder in its place") {
  const Folder folder;
  folder.write("b/z", "1");
  folder.write("b/a", "22");
  folder.write("a", "333");
  folder.write("B", "");
  folder.write("b.txt", "");
  const Collection found = folder.collected();
  CHECK(paths_of(found) == std::vector<std::string>{"B", "a", "b/a", "b/z", "b.txt"});
  CHECK(found.skipped.empty());
  CHECK(found.items[2].main.size == 2);
  CHECK(S_ISREG(found.items[2].main.mode));
  CHECK(found.items[2].main.mtime_ns > 0);
}

TEST_CASE("names are bytes: what is no UTF-8 is kept as it is") {
  const Folder folder;
  folder.write("caf\xE9\n", "x");
  CHECK(paths_of(folder.collected()) == std::vector<std::string>{"caf\xE9\n"});
}

TEST_CASE("links are listed with their target and never followed, so loops end") {
  const Folder folder;
  folder.write("inner/file", "x");
  fs::create_symlink("..", folder / "inner/loop");
  fs::create_symlink("/nowhere", folder / "dangling");
  const Collection found = folder.collected();
  CHECK(paths_of(found) == std::vector<std::string>{"dangling", "inner/file", "inner/loop"});
  CHECK(found.items[0].kind == ItemKind::symlink);
  CHECK(found.items[0].link_target == "/nowhere");
  CHECK(found.items[2].link_target == "..");
  CHECK(classify_item(folder.open(), found.items[0])->categories.to_text() == "other");
}

TEST_CASE("an empty folder is an item of its own, of category other") {
  const Folder folder;
  fs::create_directories(folder / "a/empty");
  const Collection found = folder.collected();
  REQUIRE(paths_of(found) == std::vector<std::string>{"a/empty"});
  CHECK(found.items[0].kind == ItemKind::empty_folder);
  CHECK(classify_item(folder.open(), found.items[0])->kind == "empty-folder");
}

TEST_CASE("pipes and sockets are skipped and told about") {
  const Folder folder;
  folder.write("file", "x");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const OpenFile socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder / "socket").string();
  REQUIRE(path.size() < sizeof address.sun_path);
  std::ranges::copy(path, address.sun_path);
  REQUIRE(::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address)
          == 0);
  const Collection found = folder.collected();
  CHECK(paths_of(found) == std::vector<std::string>{"file"});
  REQUIRE(found.skipped.size() == 2);
  CHECK(found.skipped[0].path == "pipe");
  CHECK(found.skipped[0].reason == "a pipe");
  CHECK(found.skipped[1].reason == "a socket");
}

TEST_CASE("what cannot be read is skipped and told about") {
  if (::geteuid() == 0) return;  // nothing is closed to root
  const Folder folder;
  folder.write("closed/file", "x");
  folder.write("file", "x");
  fs::permissions(folder / "file", fs::perms::none);
  fs::permissions(folder / "closed", fs::perms::none);
  const Collection found = folder.collected();
  CHECK(found.items.empty());
  REQUIRE(found.skipped.size() == 2);
  CHECK(found.skipped[0].reason == "cannot be read");
  fs::permissions(folder / "closed", fs::perms::owner_all);
}

TEST_CASE("names of one file share a group, a file with one name has none") {
  const Folder folder;
  folder.write("a", "x");
  folder.write("alone", "x");
  folder.write("outside", "x");
  fs::create_hard_link(folder / "a", folder / "b");
  const Folder elsewhere;
  std::error_code error;
  fs::create_hard_link(folder / "outside", elsewhere / "other-name", error);
  const Collection found = folder.collected();
  REQUIRE(found.items.size() == 4);
  CHECK(found.items[0].main.hard_link_group == 1);
  CHECK(found.items[1].main.hard_link_group == 0);
  CHECK(found.items[2].main.path == "b");
  CHECK(found.items[2].main.hard_link_group == 1);
  CHECK(found.items[3].main.hard_link_group == 0);  // its other name is not here
}

TEST_CASE("a database with its log and index is one item") {
  const Folder folder;
  folder.write("contacts2.db", kDatabase);
  folder.write("contacts2.db-wal", kLog);
  folder.write("contacts2.db-shm", std::string_view("\x18\xE2\x2D\x00", 4));
  folder.write("contacts2.db-journal", "");
  folder.write("contacts2.db-wallet", "x");
  const Collection found = folder.collected();
  CHECK(paths_of(found) == std::vector<std::string>{"contacts2.db", "contacts2.db-wallet"});
  const std::vector<FileFacts>& companions = found.items[0].companions;
  REQUIRE(companions.size() == 3);
  CHECK(companions[0].path == "contacts2.db-journal");
  CHECK(companions[1].path == "contacts2.db-shm");
  CHECK(companions[2].path == "contacts2.db-wal");
}

TEST_CASE("a file does not ride with another by its name alone") {
  const Folder folder;
  folder.write("notes", "beans");
  folder.write("notes-wal", kLog);  // notes is no database
  folder.write("real.db", kDatabase);
  folder.write("real.db-journal", "dear diary");  // this is no journal
  folder.write("lone.db-wal", kLog);
  CHECK(paths_of(folder.collected())
        == std::vector<std::string>{"lone.db-wal", "notes", "notes-wal", "real.db",
                                    "real.db-journal"});
}

TEST_CASE("folders beyond the depth limit are skipped, what is above them stays") {
  const Folder folder;
  std::string path;
  for (std::size_t i = 0; i < kFolderDepthMax + 5; ++i) path += "d/";
  folder.write(path + "deep", "x");
  folder.write("d/shallow", "x");
  const Collection found = folder.collected();
  CHECK(paths_of(found) == std::vector<std::string>{"d/shallow"});
  REQUIRE(found.skipped.size() == 1);
  CHECK(found.skipped[0].reason == "too deep");
}

TEST_CASE("a folder that is not there is not found") {
  CHECK(OpenFile::open_folder("/nowhere/at/all").error().code == Code::not_found);
}

TEST_CASE("a path below a folder reaches regular files through real folders only") {
  const Folder folder;
  folder.write("inner/file", "content");
  fs::create_symlink("inner", folder / "link");
  fs::create_symlink("file", folder / "inner/alias");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const OpenFile open = folder.open();
  const auto file = open.open_below("inner/file");
  REQUIRE(file);
  Bytes content(7);
  REQUIRE(file->read_at(0, content));
  CHECK(as_text(content) == "content");
  CHECK(file->read_at(1, content).error().code == Code::unavailable);  // shorter than that
  for (const std::string_view path :
       {"link/file", "inner/alias", "pipe", "inner", "", "/inner/file", "inner//file", "../x",
        "inner/../inner/file", "./inner/file"}) {
    CAPTURE(path);
    CHECK_FALSE(open.open_below(path));
  }
  CHECK(open.open_below("inner/none").error().code == Code::not_found);
}

TEST_CASE("a file that changes is told by its stamp") {
  const Folder folder;
  folder.write("file", "one");
  const OpenFile open = folder.open();
  const Collection found = folder.collected();
  auto file = open.open_below("file");
  REQUIRE(file);
  const auto before = file->stamp();
  REQUIRE(before);
  CHECK(*before == *file->stamp());
  CHECK(*before == found.items[0].main.stamp());
  folder.write("file", "two!");
  CHECK_FALSE(*before == *file->stamp());
}

TEST_CASE("holes of a sparse file are found where the file system keeps them") {
  const Folder folder;
  folder.write("full", "content");
  constexpr std::uint64_t kMiB = 1 << 20;
  const int descriptor = ::open((folder / "sparse").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(descriptor >= 0);
  const OpenFile writer(descriptor);
  REQUIRE(::pwrite(descriptor, "x", 1, kMiB) == 1);
  REQUIRE(::ftruncate(descriptor, 3 * kMiB) == 0);
  const OpenFile open = folder.open();
  const auto full = open.open_below("full")->holes(7);
  REQUIRE(full);
  CHECK(full->empty());
  const auto holes = writer.holes(3 * kMiB);
  REQUIRE(holes);
  for (const Hole& hole : *holes) {
    CHECK(hole.offset + hole.size <= 3 * kMiB);
    CHECK((hole.offset > kMiB || hole.offset + hole.size <= kMiB));  // never over the data
  }
  CHECK(writer.holes(0)->empty());
}

TEST_CASE("of many holes the largest are kept, in their order") {
  const std::vector<Hole> holes{{0, 5}, {10, 9}, {20, 1}, {30, 7}, {40, 2}};
  CHECK(largest_holes(holes, 5) == holes);
  CHECK(largest_holes(holes, 3) == std::vector<Hole>{{0, 5}, {10, 9}, {30, 7}});
  CHECK(largest_holes({}, 3).empty());
}

TEST_CASE("an item is recognised through its file, a big one beyond its head") {
  const Folder folder;
  folder.write("card", "BEGIN:VCARD\nEND:VCARD\n");
  folder.write("big.json",
               R"({"padding":")" + std::string(kHeadBytesMax, 'x') + R"(","lat":1,"lon":2})");
  const OpenFile open = folder.open();
  const Collection found = folder.collected();
  REQUIRE(found.items.size() == 2);
  CHECK(classify_item(open, found.items[0])->categories.to_text() == "location");
  CHECK(classify_item(open, found.items[1])->kind == "vcard");
  fs::remove(folder / "card");
  CHECK(classify_item(open, found.items[1]).error().code == Code::not_found);
}

}  // namespace amanat::phone
