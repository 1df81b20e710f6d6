// Debian's clamav-testfiles: one harmless program in 44 wrappings. Skipped where they are not
// installed.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/unpack/unpack.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {
constexpr std::string_view kFolder = "/usr/share/clamav-testfiles";
constexpr std::string_view kProgram =
    "71e7b604d18aefd839e51a39c88df8383bb4c071dc31f87f00a2b5df580d4495";
constexpr std::size_t kProgramBytes = 544;

bool holds_program(Kind kind, ByteView object, Budget& budget) {
  if (object.size() == kProgramBytes && crypto::sha256(object).hex() == kProgram) return true;
  bool found = false;
  unpack::unpack(kind, object, budget, [&](const Found& inner) {
    const Kind inner_kind =
        inner.entry.kind == Kind::unknown ? kind_of(inner.content) : inner.entry.kind;
    found = holds_program(inner_kind, inner.content, budget);
    return !found;
  });
  return found;
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
}  // namespace

TEST_CASE("the program in clamav-testfiles is reached through its wrappings") {
  if (!std::filesystem::exists(kFolder)) return;
  // Their packers are programs of their own.
  const std::set<std::string> not_reached = {"clam-aspack.exe", "clam-mew.exe",   "clam-pespin.exe",
                                             "clam-petite.exe", "clam-upack.exe", "clam-wwpack.exe",
                                             "clam-yc.exe"};
  constexpr Limits kLimits{.depth_max = 40};  // one of them is a tower of archives
  const SystemClock clock;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = file.path().filename();
    const Bytes object = read_file(file.path());
    Budget budget(kLimits, clock);
    const bool found = holds_program(kind_of(object), object, budget);
    CAPTURE(name);
    CHECK(found != not_reached.contains(name));
    CHECK(budget.reached() == Limit::none);
  }
}
