// Runs vectors/: one case per file, `name: value` lines, named after what is wrong with it. The
// verdicts `accepted` and refused come from the source; which refusal it is was computed by a
// recursive checker written after RFC 6962's definitions.

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "amanat/merkle/merkle.h"

using namespace amanat;
using namespace amanat::merkle;

namespace {

class Vector {
 public:
  explicit Vector(const std::filesystem::path& path) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      const std::size_t colon = line.find(": ");
      REQUIRE(colon != line.npos);
      lines_.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
  }

  bool has(std::string_view name) const {
    return std::ranges::any_of(lines_, [&](const auto& line) { return line.first == name; });
  }
  std::string text(std::string_view name) const {
    const auto line = std::ranges::find_if(lines_, [&](const auto& l) { return l.first == name; });
    REQUIRE(line != lines_.end());
    return line->second;
  }
  std::uint64_t number(std::string_view name) const {
    const std::string digits = text(name);
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    REQUIRE(read.ec == std::errc());
    return number;
  }
  Hash hash(std::string_view name) const { return hash_of(text(name)); }
  Root root(std::string_view size, std::string_view hash_name) const {
    return {.leaves = number(size), .hash = hash(hash_name)};
  }
  Proof proof() const {
    Proof proof;
    for (const auto& [name, value] : lines_) {
      if (name == "proof") proof.push_back(hash_of(value));
    }
    return proof;
  }

 private:
  static Hash hash_of(std::string_view hex) {
    auto hash = Hash::from_hex(hex);
    REQUIRE(hash.has_value());
    return *hash;
  }

  std::vector<std::pair<std::string, std::string>> lines_;
};

Result<> run(const Vector& vector) {
  if (vector.has("leaf")) {
    return verify_inclusion(vector.hash("leaf"), vector.number("index"), vector.proof(),
                            vector.root("size", "root"));
  }
  return verify_consistency(vector.root("older size", "older root"),
                            vector.root("newer size", "newer root"), vector.proof());
}

}  // namespace

TEST_CASE("verdicts agree with those that another implementation publishes") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("vectors")) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    const Vector vector(entry.path());
    const auto verdict = run(vector);
    const std::string reached = verdict ? "accepted" : std::string(name_of(verdict.error().code));
    CHECK(reached == vector.text("expect"));
    ++count;
  }
  CHECK(count >= 60);
}
