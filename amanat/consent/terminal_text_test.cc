#include "amanat/consent/terminal_text.h"

#include <doctest/doctest.h>

namespace amanat::consent {

TEST_CASE("text is wrapped at spaces, and later lines are indented like the first") {
  CHECK(wrap_text("one two three", "  - ", 11) == "  - one two\n    three\n");
  CHECK(wrap_text("one two three", "", 80) == "one two three\n");
  CHECK(wrap_text("  spaces   fold ", "", 80) == "spaces fold\n");
  CHECK(wrap_text("averylongword a", "- ", 5) == "- averylongword\n  a\n");
  CHECK(wrap_text("", "- ", 5) == "- \n");
}

TEST_CASE("a line is full when its columns are, not its bytes") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("é") == 1);
  CHECK(columns_of("हिंदी") == 4);  // two of its six characters sit on others
  CHECK(columns_of("東京") == 4);
  CHECK(wrap_text("éé éé", "", 5) == "éé éé\n");
}

TEST_CASE("what could mislead a reader or a terminal is not shown") {
  CHECK(is_showable("plain text, हिंदी, اردو"));
  CHECK(is_showable("क्‍ष"));          // with a joiner, which scripts need
  CHECK_FALSE(is_showable("\x1b[2Jcleared"));  // escape sequence
  CHECK_FALSE(is_showable("two\nlines"));      // line feed
  CHECK_FALSE(
      is_showable("\xc2\x9b"
                  "31m"));  // CSI as one character
  CHECK_FALSE(
      is_showable("abc\xe2\x80\xae"
                  "fed"));  // right-to-left override
  CHECK_FALSE(is_showable("\xff"));
  CHECK_FALSE(is_showable("\xc0\x80"));      // overlong
  CHECK_FALSE(is_showable("\xed\xa0\x80"));  // surrogate
  CHECK_FALSE(is_showable("cut \xe0\xa4"));
}

}  // namespace amanat::consent
