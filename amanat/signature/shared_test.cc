// Real sets, when they are there: every line of them parses, or is refused for a reason that holds
// water. The folder comes from AMANAT_SHARED.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "amanat/signature/signature.h"

namespace amanat::signature {
namespace {

struct Tally {
  std::size_t parsed = 0;
  std::array<std::size_t, kReasonCount> refused{};

  std::size_t of(Reason reason) const { return refused.at(static_cast<std::size_t>(reason)); }
};

Tally read_all(const std::filesystem::path& path, Kind kind) {
  Tally tally;
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    const auto parsed = parse_line(kind, line);
    if (parsed) {
      ++tally.parsed;
      continue;
    }
    ++tally.refused.at(static_cast<std::size_t>(parsed.error().reason));
    if (parsed.error().reason == Reason::comment) continue;
    MESSAGE(path.filename().string(), ": ", describe(parsed.error().reason), ": ",
            parsed.error().detail, ": ", line.substr(0, 60));
  }
  return tally;
}

}  // namespace

TEST_CASE("no line of the official sets is malformed, and no refusal is without a reason") {
  const char* const shared = std::getenv("AMANAT_SHARED");  // NOLINT(concurrency-mt-unsafe)
  if (shared == nullptr) return;
  const std::filesystem::path folder = std::filesystem::path(shared) / "data" / "threats";
  if (!std::filesystem::is_directory(folder)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto kind = kind_of(entry.path().filename().string());
    if (!kind) continue;
    CAPTURE(entry.path().filename().string());
    const Tally tally = read_all(entry.path(), kind->kind);
    CHECK(tally.parsed > 0);
    std::string counts = entry.path().filename().string() + ": " + std::to_string(tally.parsed);
    for (std::size_t i = 0; i < kReasonCount; ++i) {
      if (tally.refused.at(i) == 0) continue;
      (counts += ", ") += std::to_string(tally.refused.at(i)) + " ";
      counts += describe(static_cast<Reason>(i));
    }
    MESSAGE(counts);
    if (entry.path().parent_path().filename() == "clamav-official") {
      CHECK(tally.of(Reason::malformed) == 0);
      CHECK(tally.of(Reason::too_costly) == 0);
    }
  }
}

}  // namespace amanat::signature
