#include "amanat/store/blobs.h"

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "amanat/store/blobs_suite.h"
#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::store;

namespace {

std::unique_ptr<FileBlobs> open_blobs(const std::filesystem::path& root) {
  auto blobs = FileBlobs::open(root);
  REQUIRE(blobs.has_value());
  return std::move(*blobs);
}

std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) ++count;
  }
  return count;
}

/// Files of this process may not grow past `bytes`, as on a full disk, while this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : before_signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, before_signal_);
  }

 private:
  rlimit before_{};
  void (*before_signal_)(int);
};

}  // namespace

TEST_CASE("blobs in memory keep what all blobs keep") {
  check_blobs([] { return std::make_unique<MemoryBlobs>(); });
}

TEST_CASE("blobs in files keep what all blobs keep") {
  const TemporaryFolder folder;
  check_blobs([&] { return open_blobs(folder.path() / "blobs"); });
}

TEST_CASE("blobs in memory refuse to grow past their capacity") {
  MemoryBlobs blobs(10);
  put(blobs, suite_name(1), suite_bytes(6));
  auto writer = blobs.begin(suite_name(2));
  CHECK((*writer)->write(suite_bytes(4)).has_value());
  CHECK((*writer)->write(suite_bytes(1)).error().code == Code::unavailable);
}

TEST_CASE("blobs in files last, and what was unfinished is deleted when they are opened") {
  const TemporaryFolder folder;
  const auto root = folder.path() / "blobs";
  put(*open_blobs(root), suite_name(0x9f, 0x2c), suite_bytes(5));
  std::ofstream(root / "incoming" / "left-by-a-crash") << "half a pack";
  const auto blobs = open_blobs(root);
  CHECK(**blobs->size(suite_name(0x9f, 0x2c)) == 5);
  CHECK(files_below(root) == 1);
  CHECK(std::filesystem::exists(root / "9f" / "2c" / suite_name(0x9f, 0x2c).hex()));
}

TEST_CASE("blobs in files are for their owner alone") {
  const TemporaryFolder folder;
  const auto root = folder.path() / "blobs";
  put(*open_blobs(root), suite_name(1), suite_bytes(5));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    struct stat info{};
    REQUIRE(::stat(entry.path().c_str(), &info) == 0);
    CHECK((info.st_mode & 077) == 0);
  }
}

TEST_CASE("a blob that the disk has no room for leaves no file") {
  const TemporaryFolder folder;
  const auto root = folder.path() / "blobs";
  const auto blobs = open_blobs(root);
  {
    const FileSizeLimit limit(1000);
    auto writer = blobs->begin(suite_name(1));
    REQUIRE(writer.has_value());
    CHECK((*writer)->write(suite_bytes(5000)).error().code == Code::unavailable);
  }
  CHECK(files_below(root) == 0);
  put(*blobs, suite_name(1), suite_bytes(5000));
}

TEST_CASE("files of other names are not blobs, and a folder that cannot be made is said") {
  const TemporaryFolder folder;
  const auto blobs = open_blobs(folder.path() / "blobs/");
  std::filesystem::create_directories(folder.path() / "blobs" / "aa" / "bb");
  std::ofstream(folder.path() / "blobs" / "aa" / "bb" / "README") << "not a blob";
  CHECK(listed(*blobs).empty());
  CHECK(FileBlobs::open(folder.path() / "no" / "such").error().code == Code::unavailable);
}
