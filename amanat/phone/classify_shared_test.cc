// Recognition against the answers of other software for files of real phones. The data is public
// and not part of this project; where it is absent this test says nothing.

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "amanat/phone/collect.h"

namespace amanat::phone {
namespace {

// "photos+location|photos": sets of categories that are equally right.
bool agrees(const consent::CategorySet& found, std::string_view answers) {
  while (!answers.empty()) {
    const std::string_view answer = answers.substr(0, answers.find('|'));
    answers.remove_prefix(std::min(answer.size() + 1, answers.size()));
    consent::CategorySet expected;
    for (std::string_view left = answer; !left.empty();) {
      const std::string_view word = left.substr(0, left.find('+'));
      left.remove_prefix(std::min(word.size() + 1, left.size()));
      if (const auto category = consent::category_from_name(word)) expected.insert(*category);
    }
    if (found == expected) return true;
  }
  return false;
}

std::map<std::string, std::string> read_answers(const std::string& path) {
  std::map<std::string, std::string> answers;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    answers[line.substr(0, tab)] = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
  }
  return answers;
}

}  // namespace

TEST_CASE("files of real phones are recognised as other software recognises them") {
  const char* const shared = std::getenv("AMANAT_SHARED");
  if (shared == nullptr) return;
  const std::string root = std::string(shared) + "/data/phone";
  const auto answers = read_answers(root + "/ORACLE/categories.tsv");
  if (answers.empty()) return;
  const auto folder = OpenFile::open_folder(root);
  REQUIRE(folder);
  const auto found = collect(*folder);
  REQUIRE(found);
  std::size_t asked = 0;
  std::size_t agreed = 0;
  for (const Item& item : found->items) {
    const auto answer = answers.find(item.main.path);
    if (answer == answers.end()) continue;
    const auto seen = classify_item(*folder, item);
    REQUIRE(seen);
    ++asked;
    if (agrees(seen->categories, answer->second)) {
      ++agreed;
    } else {
      MESSAGE(item.main.path, ": ", seen->categories.to_text(), " (", seen->kind, "), not ",
              answer->second);
    }
  }
  MESSAGE(agreed, " of ", asked, " agree");
  REQUIRE(asked > 0);
  CHECK(agreed * 100 >= asked * 98);
}

}  // namespace amanat::phone
