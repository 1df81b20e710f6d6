#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "amanat/unpack/autoit_script.h"
#include "amanat/unpack/test_autoit.h"
#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;
using namespace std::string_view_literals;

namespace {

// One line: Local $a = "Hi" + 5 ; with a call and a macro.
constexpr std::string_view kWords =
    "\1\0\0\0"
    "\0\x1d\0\0\0"
    "\x33\1\0\0\0a\1"
    "\x41"
    "\x36\2\0\0\0J\0k\0"
    "\x49"
    "\5\5\0\0\0"
    "\x10\xff\0\0\0\0\0\0\0"
    "\x20\0\0\0\0\0\0\xf8\x3f"
    "\1\xea\0\0\0"
    "\x34\1\0\0\0f\0"
    "\x47\x7f"sv;

std::string decompile(std::string_view words, End expected) {
  const ManualClock clock{Instant{}};
  Budget budget({}, clock);
  Output text(budget);
  text.begin(words.size());
  CHECK(decompile_autoit(as_bytes(words), text) == expected);
  return std::string(as_text(text.bytes()));
}

}  // namespace

TEST_CASE("masks of AutoIt give the mark of a file") {
  Bytes old = bytes_of("FILE");
  mask_ea05(old, 0x16fa);
  CHECK(old == Bytes{0xff, 0x6d, 0xb0, 0xce});
  Bytes now = bytes_of("FILE");
  mask_ea06(now, 0x18ee);
  CHECK(now == Bytes{0x6b, 0x43, 0xca, 0x52});
}

TEST_CASE("programs made by AutoIt give their files, packed and not, whatever they lie in") {
  const std::string twice = "sixteen letters!sixteen letters!";
  for (const int version : {5, 6}) {
    CAPTURE(version);
    AutoItMaker maker(version);
    maker.add(">AUTOIT NOTHING<", "C:\\packed.txt", as_bytes(twice), true)
        .add("FILE", "C:\\plain.txt", as_bytes("plain"), false);
    Bytes object = bytes_of("\1\2 some program \3\4\5");
    append(object, maker.bytes());
    const Looked looked = look_into(Kind::unknown, object);
    CHECK(looked.outcome.end == End::whole);
    CHECK(looked.content_of("C:\\packed.txt") == twice);
    CHECK(looked.content_of("C:\\plain.txt") == "plain");
    for (std::size_t size = 0; size < object.size(); ++size) {
      CHECK(look_into(Kind::unknown, ByteView(object).first(size)).pieces.size() <= 2);
    }
  }
}

TEST_CASE("a script of AutoIt becomes text again") {
  AutoItMaker maker(6);
  maker.add(">>>AUTOIT SCRIPT<<<", "a.au3", as_bytes(kWords), true);
  CHECK(look_into(Kind::unknown, maker.bytes()).content_of("a.au3")
        == "LOCAL $` = \"Hi\" + 0x00000005 0x00000000000000ff 1.5 LOG g( \n");
}

TEST_CASE("a word of a script that is none ends it") {
  CHECK(decompile("\1\0\0\0\x41\x7f"sv, End::whole) == "= \n");
  CHECK(decompile("\1\0\0\0\x41\x99"sv, End::damaged) == "= ");
  CHECK(decompile("\2\0\0\0\x41\x7f"sv, End::damaged) == "= \n");
  CHECK(decompile("\1\0\0\0\0\0\0\0\xff"sv, End::damaged).empty());
  CHECK(decompile("\1\0\0\0\x36\xff\xff\xff\xff"sv, End::damaged).empty());
  CHECK(decompile("", End::whole).empty());
}

TEST_CASE("a packed file of AutoIt that says it is larger than its matches is damaged") {
  AutoItMaker maker(6);
  maker.add("FILE", "x", as_bytes("abc"), true);
  Bytes object = maker.bytes();
  object.pop_back();
  const Looked looked = look_into(Kind::unknown, object);
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.pieces[0].end == End::damaged);
}

TEST_CASE("more marks of AutoIt than any program has are not passed over in silence") {
  Bytes object;
  for (int i = 0; i < 16; ++i) append(object, AutoItMaker(6).bytes());
  CHECK(look_into(Kind::unknown, object).outcome.end == End::whole);
  append(object, AutoItMaker(6).bytes());
  CHECK(look_into(Kind::unknown, object).outcome.end == End::over_budget);
}
