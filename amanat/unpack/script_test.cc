#include "amanat/unpack/script.h"

#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::unpack;
using namespace std::string_view_literals;

namespace {
std::string normal_of(std::string_view script) {
  Bytes normal;
  append_script(script, normal);
  return std::string(as_text(normal));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}
}  // namespace

// What clamscan 1.4.6 writes for each of these.
TEST_CASE("scripts have the normal form that signatures are written against") {
  struct Case {
    std::string_view script;
    std::string_view normal;
  };
  const auto cases = std::to_array<Case>({
      {"function foo(a,b){return a+b;} foo(1,2);",
       "function n000(n001,n002){return n001+n002;}foo(1,2);"},
      {"function f(a){var b=1,c=2;return b+c;} var f, g=[h,i], j; g.j=k;",
       "function n000(n001){var n002=1,c=2;return n002+c;}var n003,n004=[h,i],n005;n004.j=k;"},
      {"var a=1;var b=a;var a=2;use(a,b);", "var n002=1;var n001=n002;var n002=2;use(n002,n001);"},
      {"x = unescape('%41%u0042'+'%43');", "x=\"abc\";"},
      {"eval('var inner=\"a\"+\"b\";inner;')", "var n000=\"ab\";n000;"},
      {"eval(function(p,a,c,k,e,d){return p}('0 1=2;1(\\'3\\')',4,4,'var|x|y|z'.split('|'),0,{}));",
       "eval(function(n000,n001,n002,n003,n004,n005){return n000}(var n006=y;n006(\"z\")));"},
      {"function q(p,a,c,k,e,r){return p}q('0.1(2)',36,3,'a|b|c'.split('|'),0,{});more();",
       "function n000(n001,n002,n003,n004,n005,n006){return n001}q(a.b(c));more();"},
      {"dF('bcd1');after", "after"},
      {"n=0x41+1e5+1.50+4294967297;", "n=0 x41+1 e5+1.5+1;"},
      {"s='\\x41\\n\\u00e9\\q';t='it\\'s'", "s=\"a \xc3\xa9q\";t=\"it's\""},
      {"if(a){var b}else{c} // d", "if(a){var n000}else{c}d"},
      {"a.b.var_=function(){this.x=1};", "a.b.var_=function(){this.x=1};"},
      {"/* gone */ a /* b */", "a"},
      {"", ""},
  });
  for (const Case& c : cases) {
    CAPTURE(c.script);
    CHECK(normal_of(std::string(c.script) + "\n</script>")
          == "<script>" + std::string(c.normal) + "</script>");
  }
}

TEST_CASE("what a script leaves open is closed behind it") {
  CHECK(normal_of("'never closed\n</script>") == "<script>\"never closed </script>\"</script>");
  CHECK(normal_of("open((\n</script>") == "<script>open((</script>))</script>");
  CHECK(normal_of("a /* b\n</script>") == "<script>a</script>");
  CHECK(normal_of("lost word") == "<script>lost</script>");
}

TEST_CASE("each script of a page has names of its own, on a line of its own") {
  Bytes normal;
  append_script("var a;</script>", normal);
  append_script("var b;</script>", normal);
  CHECK(as_text(normal) == "<script>var n000;</script>\n<script>var n000;</script>");
}

TEST_CASE("scripts made to cost much end soon and stay small") {
  const auto hostile = std::to_array<std::string>({
      repeated("function(", 100'000) + repeated("x ", 100'000),
      repeated("eval('eval(1)')", 20'000),
      repeated("unescape('%", 50'000),
      repeated("(", 200'000),
      "function f(p,a,c,k,e,d){}"
          + repeated("f('0 0 0',9,1,'" + std::string(50'000, 'w') + "',0,{})", 20)
          + repeated(";", 20),
      repeated("function f(p,a,c,k,e,d){}", 20'000),
      std::string(kScriptBytesMax + 1000, '1'),
  });
  for (const std::string& script : hostile) {
    const std::string normal = normal_of(script);
    CHECK(normal.size() <= 8 * script.size() + (2UL << 20));
    CHECK(normal.ends_with("</script>"));
  }
}
