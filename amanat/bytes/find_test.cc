#include "amanat/bytes/find.h"

#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace amanat;

TEST_CASE("bytes are found where the plain search finds them, from every place on") {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 300, '\0');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    std::string words(random() % 6, '\0');
    for (char& c : words) c = static_cast<char>('a' + random() % 3);
    const std::size_t from = random() % 310;
    const auto expected = std::string_view(text).find(words, from);
    const auto found = find_bytes(as_bytes(text), as_bytes(words), from);
    CHECK(found.value_or(std::string_view::npos) == expected);
  }
}

TEST_CASE("bytes at the very end of a text are found") {
  std::string text(200, '.');
  text += "MZ";
  CHECK(find_bytes(as_bytes(text), as_bytes("MZ"), 1) == 200);
  CHECK(!find_bytes(as_bytes(text), as_bytes("MZ"), 201));
  CHECK(!find_bytes({}, as_bytes("M")));
}
