// Runs vectors/clamav/: one case per file, as journeys/scan_differences.py records them from
// clamscan. Where we answer otherwise, the case says so itself, under `ours:` and `because:`.
//
// All cases share one database, so that every signature also meets every other file; what counts
// for a case is what its own lines found in its own file.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "amanat/bytes/bytes.h"
#include "amanat/scan/scan.h"

using namespace amanat;
using namespace amanat::scan;
namespace fs = std::filesystem;

namespace {

struct Vector {
  std::string name;
  std::string expect;  // "found NAME ...", "clean", or "refused": then nothing may be found
  std::string because;
  std::vector<std::pair<std::string, std::string>> lines;  // kind of database, line
  Bytes content;

  std::set<std::string> wanted() const {
    std::set<std::string> names;
    std::string_view rest = expect;
    if (!rest.starts_with("found ")) return names;
    while (!rest.empty()) {
      rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
      if (rest.empty()) break;
      names.emplace(rest.substr(0, rest.find(' ')));
      if (rest.find(' ') == rest.npos) break;
    }
    return names;
  }
  bool owns(const std::string& signature) const {
    return std::ranges::any_of(
        lines, [&](const auto& line) { return line.second.find(signature) != std::string::npos; });
  }
};

Vector read_vector(const fs::path& path) {
  Vector vector;
  vector.name = path.stem().string();
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    REQUIRE(colon != line.npos);
    const std::string key = line.substr(0, colon);
    const std::string value = line.substr(colon + 2);
    if (key == "expect" || key == "ours") {
      vector.expect = value;
    } else if (key == "because") {
      vector.because = value;
    } else if (key == "bytes") {
      const auto bytes = from_hex(value);
      REQUIRE(bytes.has_value());
      append(vector.content, *bytes);
    } else if (key != "source" && key != "file") {
      vector.lines.emplace_back(key, value);
    }
  }
  return vector;
}

std::vector<Vector> read_vectors() {
  std::vector<Vector> vectors;
  const fs::path folder = fs::path(AMANAT_SOURCE_DIR) / "amanat/scan/vectors/clamav";
  for (const auto& entry : fs::directory_iterator(folder)) {
    vectors.push_back(read_vector(entry.path()));
  }
  std::ranges::sort(vectors, {}, &Vector::name);
  return vectors;
}

Database compile_lines(const std::vector<Vector>& vectors) {
  std::string folder = (fs::temp_directory_path() / "amanat-vectors-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::map<std::string, std::string> files;
  for (const Vector& vector : vectors) {
    for (const auto& [kind, line] : vector.lines) files[kind] += line + '\n';
  }
  for (const auto& [kind, text] : files) {
    std::ofstream(fs::path(folder) / ("case." + kind), std::ios::binary) << text;
  }
  auto database = Database::compile(folder);
  fs::remove_all(folder);
  REQUIRE(database.has_value());
  return std::move(*database);
}

std::set<std::string> found_in(Scanner& scanner, const Vector& vector) {
  std::set<std::string> names;
  const Verdict verdict = scanner.scan(vector.content, {}, Stop::end);
  if (vector.owns(verdict.signature)) names.insert(verdict.signature);
  for (const Verdict& other : verdict.others) {
    if (vector.owns(other.signature)) names.insert(other.signature);
  }
  names.erase("");
  return names;
}

}  // namespace

TEST_CASE("what clamscan finds is found, and nothing else") {
  const std::vector<Vector> vectors = read_vectors();
  REQUIRE(vectors.size() > 100);
  const Database database = compile_lines(vectors);
  const SystemClock clock;
  Scanner scanner(database, clock);
  for (const Vector& vector : vectors) {
    CAPTURE(vector.name);
    CAPTURE(vector.because);
    CHECK(found_in(scanner, vector) == vector.wanted());
  }
}
