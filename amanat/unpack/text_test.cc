#include "amanat/unpack/text.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::unpack;

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
