#include "amanat/consent/language.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/consent/day.h"

namespace amanat::consent {

TEST_CASE("a language tag is letters first, then letters and digits, in subtags of up to eight") {
  for (const auto tag :
       {"en", "hi", "kok", "zh-Hant", "en-IN", "sl-rozaj-biske-1994", "x2", "a-b"}) {
    CAPTURE(tag);
    CHECK(is_language_tag(tag)
          == (std::string_view(tag) != "x2" && std::string_view(tag) != "a-b"));
  }
  for (const auto tag : {"", "e", "en-", "-en", "en--IN", "en_IN", "en IN", "englishes",
                         "en-abcdefghi", "hi\n", "ह"}) {
    CAPTURE(tag);
    CHECK_FALSE(is_language_tag(tag));
  }
}

TEST_CASE("a day is written in one way, and is in the calendar") {
  struct Case {
    std::string_view text;
    bool is_day;
  };
  const auto cases = std::to_array<Case>({{"2027-05-13", true},
                                          {"2028-02-29", true},
                                          {"0001-01-01", true},
                                          {"9999-12-31", true},
                                          {"2027-02-29", false},
                                          {"2027-13-01", false},
                                          {"2027-00-01", false},
                                          {"2027-01-00", false},
                                          {"2027-1-01", false},
                                          {"27-01-01", false},
                                          {"2027/01/01", false},
                                          {"+027-01-01", false},
                                          {"2027-01-01 ", false},
                                          {"", false}});
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto day = parse_day(c.text);
    CHECK(day.has_value() == c.is_day);
    if (day) CHECK(day_text(*day) == c.text);
  }
}

}  // namespace amanat::consent
