#include "amanat/phone/scan_listing.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "amanat/phone/collect.h"
#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;

namespace {
namespace fs = std::filesystem;

std::vector<std::string> files_of(const std::vector<ListedFolder>& folders) {
  std::vector<std::string> paths;
  for (const ListedFolder& folder : folders) {
    for (const ListedFile& file : folder.files) paths.push_back(folder.path + file.name);
  }
  return paths;
}
}  // namespace

TEST_CASE("every file below a folder is listed once, whoever reads it, with its stamp") {
  const store::TemporaryFolder folder;
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i % 7) + "/" + std::to_string(i) + "/in/";
    fs::create_directories(folder.path() / name);
    std::ofstream(folder.path() / (name + "file")) << std::string(static_cast<std::size_t>(i), 'x');
    expected.push_back(name + "file");
  }
  std::ranges::sort(expected);
  const auto top = OpenFile::open_folder(folder.path().string());
  REQUIRE(top);
  for (const std::size_t threads : {1U, 2U, 8U}) {
    const auto listed = list_to_scan(*top, threads);
    REQUIRE(listed);
    std::vector<std::string> paths = files_of(*listed);
    std::ranges::sort(paths);
    CHECK(paths == expected);
    for (const ListedFolder& inner : *listed) {
      for (const ListedFile& file : inner.files) {
        const auto open = top->open_below(inner.path + file.name);
        REQUIRE(open);
        CHECK(open->stamp().value() == file.stamp);
      }
    }
  }
}

TEST_CASE("links are passed over, what is no file is told, and a folder too deep is too") {
  const store::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  fs::create_symlink("file", folder.path() / "link");
  fs::create_directory_symlink(".", folder.path() / "loop");
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  fs::path deep = folder.path();
  for (std::size_t i = 0; i < kFolderDepthMax + 2; ++i) fs::create_directory(deep /= "d");
  const auto top = OpenFile::open_folder(folder.path().string());
  const auto listed = list_to_scan(*top, 2);
  REQUIRE(listed);
  CHECK(files_of(*listed) == std::vector<std::string>{"file"});
  CHECK(listed->front().left_out == std::vector<std::string>{"pipe"});
  CHECK(listed->size() == 2);
  CHECK(listed->back().left_out == std::vector<std::string>{""});
}
