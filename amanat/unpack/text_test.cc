#include "amanat/unpack/text.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::unpack;
using namespace std::string_view_literals;

TEST_CASE("normal text has single spaces, small letters and ASCII alone, whatever the pieces") {
  constexpr std::string_view kText = "Eval \t\n (\x01 \xc3\xa9 $_POST[\x7f])\r\n";
  constexpr std::string_view kNormal = "eval ( $_post[\x7f]) ";
  for (std::size_t cut = 0; cut <= kText.size(); ++cut) {
    TextNormaliser normaliser;
    std::string normal(as_text(normaliser.feed(as_bytes(kText.substr(0, cut)))));
    normal += as_text(normaliser.feed(as_bytes(kText.substr(cut))));
    CHECK(normal == kNormal);
  }
}

TEST_CASE("normal text is what the plain rules say, for all bytes") {
  std::string text;
  std::uint32_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 1'664'525 + 1'013'904'223;
    text.push_back(static_cast<char>(random >> 24));
    if (random % 5 == 0) text += "  \t";
  }
  std::string plain;
  bool after_space = false;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte == 0x20 || (byte >= 9 && byte <= 13)) {
      if (!after_space) plain.push_back(' ');
      after_space = true;
    } else if (byte > 0x20 && byte < 0x80) {
      plain.push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 0x20) : c);
      after_space = false;
    }
  }
  CHECK(as_text(normalise_text(Kind::text_ascii, as_bytes(text))) == plain);
}

TEST_CASE("UTF-16 is cut to ASCII before it is normalised") {
  CHECK(
      as_text(normalise_text(Kind::text_utf16_le, as_bytes("\xff\xfe\x41\0\x20\0\x20\0\xac\x20"sv)))
      == "a ");
  CHECK(as_text(normalise_text(Kind::text_utf16_be, as_bytes("\0\x41\0\x42"sv))) == "ab");
}

TEST_CASE("text that is too long has no normal form") {
  CHECK(normalise_text(Kind::text_ascii, Bytes(kTextBytesMax + 1, 'a')).empty());
}
