#include "amanat/scan/examiner.h"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::scan;
namespace fs = std::filesystem;

namespace {

// In two halves, so that no scanner takes this test for what it tests.
const std::string kEicar =
    std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7})") + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// The worker is this program again, told to run one test case alone.
std::unique_ptr<Examiner> start(Database database) {
  auto examiner = examine_in_worker(std::move(database),
                                    {.limits = {},
                                     .program = "/proc/self/exe",
                                     .arguments = {"--no-skip", "--test-case=plays the examiner"}});
  REQUIRE_MESSAGE(examiner, examiner.error().message);
  return std::move(*examiner);
}

/// A file that goes away with the test.
struct TestFile {
  explicit TestFile(std::string_view content) {
    std::string pattern = (fs::temp_directory_path() / "amanat-examined-XXXXXX").string();
    const int made = ::mkstemp(pattern.data());
    path = pattern;
    std::ofstream(path, std::ios::binary) << content;
    descriptor = ::open(pattern.c_str(), O_RDONLY);  // a worker takes no other
    ::close(made);
  }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;
  ~TestFile() {
    ::close(descriptor);
    fs::remove(path);
  }
  fs::path path;
  int descriptor = -1;
};

}  // namespace

TEST_CASE("plays the examiner" * doctest::skip()) { std::_Exit(serve_examiner()); }

TEST_CASE("a worker sees what it is given in the buffer, beside it, and in a file") {
  auto examiner = start(Database::builtin());
  const auto confinement = confinement_of(*examiner);
  REQUIRE(confinement);
  CHECK(confinement->no_new_privileges);
  auto buffer = examiner->buffer(kEicar.size());
  REQUIRE(buffer);
  std::ranges::copy(kEicar, buffer->begin());
  const Verdict first = examiner->examine(*buffer);
  CHECK_MESSAGE(first.signature == "Eicar-Test-Signature", first.reason);
  CHECK(examiner->examine(as_bytes("harmless")).kind == Verdict::Kind::clean);
  CHECK(examiner->examine(as_bytes(kEicar)).kind == Verdict::Kind::threat);
  const TestFile file(kEicar);
  CHECK(examiner->examine_file(file.descriptor).kind == Verdict::Kind::threat);
  const TestFile empty("");
  CHECK(examiner->examine_file(empty.descriptor).kind == Verdict::Kind::clean);
  const std::array<int, 1> folder{::open("/", O_RDONLY | O_DIRECTORY)};
  CHECK(examiner->examine_file(folder[0]).kind == Verdict::Kind::not_examined);
  ::close(folder[0]);
}

TEST_CASE("a worker and this process say the same, with a database from a file") {
  std::string pattern = (fs::temp_directory_path() / "amanat-signatures-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  const fs::path folder = pattern;
  std::ofstream(folder / "a.ndb") << "Any:0:*:65766c2d616e79\n";
  std::ofstream(folder / "b.yar") << "rule Spy { strings: $a = \"evl-spy\" condition: $a }\n";
  auto compiled = Database::compile(folder);
  REQUIRE(compiled);
  REQUIRE(compiled->save(folder / "out.adb"));
  auto opened = Database::open(folder / "out.adb");
  REQUIRE(opened);
  const SystemClock clock;
  auto here = examine_here(*opened, {}, clock);
  auto there = start(*opened);
  for (const std::string_view text : {"evl-any", "..evl-spy", "nothing", ""}) {
    CHECK(here->examine(as_bytes(text)) == there->examine(as_bytes(text)));
  }
  CHECK(there->examine(as_bytes("evl-any")).signature == "Any");
  fs::remove_all(folder);
}
