#include "amanat/unpack/encoded_script.h"

#include <string>

#include <doctest/doctest.h>

#include "amanat/unpack/html.h"
#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {

const std::string kHidden = "#@~^JgAAAA==-mD~U+1D+DP{~J_k~@!(@*EI@#@&dTG`r@$6rbuwgAAA==^#~@";
const std::string kPlain = "var Secret = \"Hi <b>\";\r\n\tgo(\"@x\")";

}  // namespace

TEST_CASE("a file that is an encoded script gives the script as a page") {
  const Bytes file = bytes_of(kHidden + "\nvar behind;");
  const Looked looked = look_into(kind_of(file), file);
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.pieces[0].entry.kind == Kind::html);
  CHECK(looked.pieces[0].end == End::whole);
  CHECK(looked.pieces[0].content == "<script>" + kPlain + "\nvar behind;</script>");
}

TEST_CASE("an encoded script that is cut is damaged, and what is there is given") {
  const Bytes file = bytes_of(kHidden.substr(0, 20));
  const Looked looked = look_into(kind_of(file), file);
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.outcome.end == End::damaged);
  CHECK(looked.pieces[0].content == "<script>var Secr</script>");
}

TEST_CASE("text that only looks like an encoded script holds nothing") {
  for (const std::string text : {"#@~^", "#@~^short", "#@~^!!!!!!==abc", "#@~^AAAAAAAAabc",
                                 "before #@~^AwAAAA==abcAAAAAA==^#~@"}) {
    CAPTURE(text);
    CHECK(look_into(Kind::text_ascii, bytes_of(text)).pieces.empty());
  }
}

TEST_CASE("the encoded script of a page is decoded where it stands, as clamscan writes it") {
  const auto normal = [](const std::string& tag) {
    return normalise_html(bytes_of("<html>" + tag + kHidden + "</script><p>End</p>"));
  };
  const std::string script = "varsecret=\"hi<b>\";go(\"@x\")</script><p>end</p>";
  CHECK(as_text(normal("<script defer Language='JScript.Encode'>").no_comments)
        == "<html><script defer language=\"jscript.encode\"><script defer language=\"javascript\">"
               + script);
  CHECK(as_text(normal("<script language=VBScript.Encode x=1>").no_comments)
        == "<html><script language=vbscript.encode x=1><script language=\"vbscript\" x=1>"
               + script);
  CHECK(as_text(normal("<script>").no_comments).find("secret") == std::string::npos);
}
