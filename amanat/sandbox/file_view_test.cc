#include "amanat/sandbox/file_view.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace amanat;
using sandbox::Descriptor;
using sandbox::FileViewer;

namespace {

constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 40;

/// A file without a name that is gone when it is closed.
Descriptor make_file(ByteView bytes) {
  std::string path = "/tmp/file_view_test.XXXXXX";
  Descriptor file(::mkstemp(path.data()));
  REQUIRE(file.is_open());
  ::unlink(path.c_str());
  for (std::size_t written = 0; written < bytes.size();) {
    const auto more = ::write(file.number(), bytes.data() + written, bytes.size() - written);
    REQUIRE(more > 0);
    written += static_cast<std::size_t>(more);
  }
  return file;
}

Bytes numbered(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 4096);
  return bytes;
}

}  // namespace

TEST_CASE("a file is seen as it is, read or mapped") {
  FileViewer viewer;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{70'000},
                                 sandbox::kReadWholeMax, sandbox::kReadWholeMax + 1}) {
    const Bytes bytes = numbered(size);
    const Descriptor file = make_file(bytes);
    const auto view = viewer.view(file, kSizeMax);
    REQUIRE(view);
    CHECK(std::ranges::equal(*view, bytes));
    CHECK(viewer.is_mapped() == (size > sandbox::kReadWholeMax));
  }
}

TEST_CASE("a large file is read through by windows, and a cut one shows what is left") {
  FileViewer viewer;
  const Bytes bytes = numbered(sandbox::kReadWholeMax + 5000);
  const Descriptor file = make_file(bytes);
  REQUIRE(viewer.view(file, kSizeMax));
  const std::size_t begin = sandbox::kReadWholeMax - 100;
  CHECK(std::ranges::equal(viewer.read_window(file, begin, 5000),
                           ByteView(bytes).subspan(begin, 5000)));
  REQUIRE(::ftruncate(file.number(), static_cast<off_t>(begin) + 40) == 0);
  CHECK(viewer.read_window(file, begin, 5000).size() == 40);
  CHECK(viewer.read_window(file, 0, sandbox::kReadWholeMax + 1).empty());
}

TEST_CASE("what is no file, or too large a one, is refused") {
  FileViewer viewer;
  CHECK(!viewer.view(make_file(numbered(100)), 99));
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const Descriptor in(ends[0]);
  const Descriptor out(ends[1]);
  CHECK(!viewer.view(in, kSizeMax));
}
