// Runs the golden files of vectors/: one case a file, lines `name: value`, made by another program
// than this one. A file's name says what is wrong with it.

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/tlog/bodies.h"
#include "amanat/tlog/entry.h"
#include "amanat/tlog/event.h"

using namespace amanat;
using namespace amanat::tlog;

namespace {

using Vector = std::map<std::string, std::string, std::less<>>;

Vector read_vector(const std::filesystem::path& path) {
  Vector vector;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    REQUIRE(colon != std::string::npos);
    vector[line.substr(0, colon)] = line.substr(colon + 2);
  }
  REQUIRE(vector.contains("source"));
  return vector;
}

template <class Check>
void for_each_vector(const char* kind, const Check& check) {
  std::size_t count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path("vectors") / kind)) {
    const std::string name = file.path().filename().string();
    CAPTURE(name);
    check(read_vector(file.path()));
    ++count;
  }
  CHECK(count > 0);
}

Bytes bytes_of(const std::string& hex) {
  const auto bytes = from_hex(hex);
  REQUIRE(bytes.has_value());
  return *bytes;
}

/// The words of `text`, each an id.
std::vector<consent::GrantId> grants_of(const std::string& text) {
  std::vector<consent::GrantId> grants;
  for (std::size_t at = 0; at + 64 <= text.size(); at += 65) {
    grants.push_back(*consent::GrantId::from_hex(text.substr(at, 64)));
  }
  return grants;
}

std::string verdict_on(const Bytes& bytes, const LinkParts& parts) {
  const auto event = parse_event(bytes);
  if (!event) return "invalid_input";
  CHECK(encode(*event) == bytes);
  return check_well_formed(*event, parts) ? "ok" : "not_well_formed";
}

}  // namespace

TEST_CASE("log entries parse, or are refused, as their vectors say") {
  for_each_vector("entry", [](const Vector& vector) {
    const Bytes bytes = bytes_of(vector.at("hex"));
    const auto entry = parse_entry(bytes);
    CHECK(entry.has_value() == (vector.at("expect") == "ok"));
    if (entry) CHECK(encode(*entry) == bytes);
  });
}

TEST_CASE("bodies parse, or are refused, as their vectors say") {
  for_each_vector("body", [](const Vector& vector) {
    const auto type = event_type_from_byte(bytes_of(vector.at("type")).front());
    REQUIRE(type.has_value());
    const OrganisationEntry entry{.type = *type, .minute = 0, .body = bytes_of(vector.at("hex"))};
    CHECK(check_body(entry).has_value() == (vector.at("expect") == "ok"));
  });
}

TEST_CASE("events are well formed, or not, as their vectors say") {
  for_each_vector("event", [](const Vector& vector) {
    const auto grants = grants_of(vector.at("grants"));
    const Bytes pack = bytes_of(vector.at("pack"));
    LinkParts parts{.grants = grants,
                    .pack = pack,
                    .frames = static_cast<std::uint32_t>(std::stoul(vector.at("frames"))),
                    .object_store = {}};
    if (const auto& stored = vector.at("object_store"); !stored.empty()) {
      parts.object_store = *Commitment::from_hex(stored);
    }
    CHECK(verdict_on(bytes_of(vector.at("hex")), parts) == vector.at("expect"));
  });
}

TEST_CASE("labels follow from the label key and the number of the event") {
  for_each_vector("label", [](const Vector& vector) {
    const auto key = LabelKey::from(bytes_of(vector.at("key")));
    CHECK(label_of(*key, std::stoull(vector.at("index"))).hex() == vector.at("label"));
  });
}
