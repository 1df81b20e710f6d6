#include "amanat/consent/category.h"

#include <algorithm>
#include <array>
#include <vector>

#include <doctest/doctest.h>

namespace amanat::consent {

TEST_CASE("every category has one number, one word, a sentence and an address in a vocabulary") {
  for (const Category category : kCategories) {
    CAPTURE(name_of(category));
    CHECK(category_from_name(name_of(category)) == category);
    CHECK(category_from_byte(to_byte(category)).value() == category);
    CHECK_FALSE(description_of(category).empty());
    REQUIRE_FALSE(iris_of(category).empty());
    for (const std::string_view iri : iris_of(category)) CHECK(iri.starts_with("https://"));
  }
}

TEST_CASE("every purpose has one number, one word, a sentence and an address in a vocabulary") {
  for (const Purpose purpose : kPurposes) {
    CAPTURE(name_of(purpose));
    CHECK(purpose_from_name(name_of(purpose)) == purpose);
    CHECK(purpose_from_byte(to_byte(purpose)).value() == purpose);
    CHECK_FALSE(description_of(purpose).empty());
    CHECK_FALSE(iris_of(purpose).empty());
  }
}

TEST_CASE("the registries are closed: every other number and word is refused") {
  int categories = 0;
  int purposes = 0;
  for (int byte = 0; byte < 256; ++byte) {
    if (const auto known = category_from_byte(static_cast<std::uint8_t>(byte))) ++categories;
    if (const auto known = purpose_from_byte(static_cast<std::uint8_t>(byte))) ++purposes;
  }
  CHECK(categories == 16);
  CHECK(purposes == 7);
  CHECK(category_from_byte(0).error().code == Code::invalid_input);
  CHECK(category_from_byte(16).error().code == Code::invalid_input);
  CHECK(purpose_from_byte(8).error().code == Code::invalid_input);
  CHECK_FALSE(category_from_name("call_log"));  // the word has a hyphen
  CHECK_FALSE(category_from_name("Photos"));
  CHECK_FALSE(category_from_name(""));
  CHECK_FALSE(purpose_from_name("marketing"));
}

TEST_CASE("words and numbers are those of the format") {
  CHECK(name_of(Category::call_log) == "call-log");
  CHECK(name_of(Category::app_data) == "app-data");
  CHECK(name_of(Purpose::find_my_device) == "find-my-device");
  CHECK(name_of(Purpose::security_sample) == "security-sample");
  CHECK(to_byte(Category::diagnostics) == 15);
  CHECK(to_byte(Category::other) == 255);
  CHECK(std::ranges::is_sorted(kCategories));
  CHECK(std::ranges::is_sorted(kPurposes));
}

TEST_CASE("address books tell about people who were not asked, and health is sensitive") {
  CHECK(is_about_third_persons(Category::contacts));
  CHECK_FALSE(is_about_third_persons(Category::diagnostics));
  CHECK(is_sensitive(Category::health));
  CHECK_FALSE(is_sensitive(Category::photos));
}

TEST_CASE("a set of categories keeps registry order whatever the order of insertion") {
  CategorySet set{Category::other, Category::location};
  set.insert(Category::photos);
  set.insert(Category::photos);
  CHECK(set.size() == 3);
  CHECK(set.to_text() == "photos+location+other");
  const std::vector<Category> walked(set.begin(), set.end());
  CHECK(walked == std::vector{Category::photos, Category::location, Category::other});
  CHECK(set == CategorySet{Category::photos, Category::location, Category::other});
}

TEST_CASE("a set knows its members and its parts") {
  CategorySet set{Category::photos, Category::location};
  CHECK(set.contains(Category::photos));
  CHECK_FALSE(set.contains(Category::other));
  CHECK(set.contains_all({Category::location}));
  CHECK(set.contains_all({}));
  CHECK_FALSE(set.contains_all({Category::location, Category::health}));
  set.erase(Category::photos);
  CHECK(set.to_text() == "location");
  set.erase(Category::location);
  CHECK(set.empty());
  CHECK(set.begin() == set.end());
  CHECK(set.to_text().empty());
}

TEST_CASE("all sixteen categories fit in one set") {
  CategorySet all;
  for (const Category category : kCategories) all.insert(category);
  CHECK(all.size() == kCategories.size());
  CHECK(std::ranges::equal(all, kCategories));
}

TEST_CASE("a list of categories has one spelling") {
  struct Case {
    std::string_view text;
    bool good;
  };
  const auto cases = std::to_array<Case>({
      {"", true},
      {"photos", true},
      {"photos+location", true},
      {"call-log+other", true},
      {"location+photos", false},
      {"photos+photos", false},
      {"photos+", false},
      {"+photos", false},
      {"photos location", false},
      {"pictures", false},
  });
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto set = CategorySet::from_text(c.text);
    REQUIRE(set.has_value() == c.good);
    if (set) CHECK(set->to_text() == c.text);
  }
}

}  // namespace amanat::consent
