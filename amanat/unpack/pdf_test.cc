#include <doctest/doctest.h>
#include <zlib.h>

#include "amanat/unpack/pdf_filters.h"
#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::string deflate(std::string_view text) {
  std::string out(compressBound(text.size()), '\0');
  uLongf size = out.size();
  REQUIRE(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                   reinterpret_cast<const Bytef*>(text.data()), text.size())
          == Z_OK);
  out.resize(size);
  return out;
}

std::string stream(std::string_view dictionary, std::string_view data) {
  return "7 0 obj\n<< " + std::string(dictionary) + " >>\nstream\n" + std::string(data)
         + "\nendstream\nendobj\n";
}

Looked look(std::string_view body) {
  return look_into(Kind::pdf, as_bytes("%PDF-1.7\n" + std::string(body)));
}

std::string content(std::string_view dictionary, std::string_view data) {
  const Looked looked = look(stream(dictionary, data));
  return looked.pieces.empty() ? "(nothing)" : looked.pieces[0].content;
}

}  // namespace

TEST_CASE("the streams of a document come out decoded") {
  CHECK(content("/Length 5", "hello") == "hello");
  CHECK(content("/Filter /ASCIIHexDecode", "68 65 6c6C 6f>") == "hello");
  CHECK(content("/Filter [/AHx]", "7>") == "p");
  CHECK(content("/Filter /ASCII85Decode", "BOu!rDZ~>") == "hello");
  CHECK(content("/Filter /A85", "z~>") == "\0\0\0\0"s);
  CHECK(content("/Filter /RunLengthDecode", "\4hello\xfex\x80"sv) == "helloxxx");
  CHECK(content("/Filter /LZWDecode", "\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01"sv)
        == "-----A---B");  // the example of ISO 32000-1 §7.4.4.2
  CHECK(content("/Filter /FlateDecode", deflate("hello")) == "hello");
  CHECK(content("/Filter [/AHx /Fl]", to_hex(as_bytes(deflate("hello")))) == "hello");
  CHECK(content("/F#69lter /Fl#61teDecode", deflate("hello")) == "hello");
}

TEST_CASE("predictors are undone") {
  CHECK(content("/Filter /Fl /DecodeParms << /Predictor 12 /Columns 3 >>",
                deflate("\2abc\2\1\1\1\1d\1\1"sv))
        == "abcbcddef");
  CHECK(content("/Filter [/AHx /Fl] /DecodeParms [null << /Predictor 2 /Columns 3 >>]",
                to_hex(as_bytes(deflate("a\1\1b\1\1"sv))))
        == "abcbcd");
}

TEST_CASE("a length that lies hides nothing") {
  for (const auto* length : {"0", "3", "999999", "99999999999999999999", "9 0 R"}) {
    CAPTURE(length);
    const Looked looked = look(stream("/Length "s + length, "hello world"));
    REQUIRE(looked.pieces.size() == 1);
    CHECK(looked.pieces[0].content == "hello world");
  }
  const Looked open = look("7 0 obj << /Length 3 >> stream\nhello");
  REQUIRE(open.pieces.size() == 1);
  CHECK(open.pieces[0].content == "hello");
  CHECK(open.pieces[0].end == End::damaged);
}

TEST_CASE("scripts are found as strings, in objects they refer to, and in object streams") {
  CHECK(look("1 0 obj << /S /JavaScript /JS (app.alert\\(\"\\101\"\\)) >> endobj")
            .content_of("object 1 JavaScript")
        == "app.alert(\"A\")");
  CHECK(look("1 0 obj << /#4aS <616c6572> >> endobj").content_of("object 1 JavaScript") == "aler");
  CHECK(look("1 0 obj << /JS (\xfe\xff\0h\0i) >> endobj"sv).content_of("object 1 JavaScript")
        == "hi");
  const Looked later = look("1 0 obj (script one) endobj 2 0 obj << /JS 1 0 R >> endobj");
  CHECK(later.content_of("object 1 JavaScript") == "script one");
  const Looked referred = look("1 0 obj << /JS 7 0 R >> endobj\n" + stream("/Length 3", "x=1"));
  REQUIRE(referred.pieces.size() == 1);
  CHECK(referred.pieces[0].entry.kind == Kind::script);
  const Looked packed = look(stream("/Type /ObjStm /Filter /Fl", deflate("8 0 << /JS (in) >>")));
  CHECK(packed.content_of("object 7 JavaScript") == "in");
}

TEST_CASE("an encrypted document says so") {
  const Looked looked = look(stream("/Length 5", "hello") + "trailer << /Encrypt 9 0 R >>");
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.pieces[0].end == End::encrypted);
  CHECK(looked.outcome.end == End::encrypted);
}

TEST_CASE("a bracket or an object that never ends does not hide the next object") {
  CHECK(look("1 0 obj << /A (never closed >> endobj\n" + stream("/Length 5", "hello"))
            .content_of("object 7")
        == "hello");
  CHECK(look("1 0 obj << /A 1 >>\n" + stream("/Length 5", "hello")).content_of("object 7")
        == "hello");
}

TEST_CASE("a hundred thousand strings that never end are not read from each of their beginnings") {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += "/JS (a /JS %b ";
  body += "\n/JS % where it is\n % \n9 0 R\n 9 0 obj (open) endobj";
  const Looked looked = look(body);
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.pieces[0].content == "open");
}

TEST_CASE("a script keeps the limit of one object") {
  const std::string text = "%PDF-1.7\n9 0 obj << /JS (" + std::string(1000, 'a') + ") >> endobj";
  const Looked looked = look_into(Kind::pdf, as_bytes(text), {.object_bytes_max = 100});
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.pieces[0].content == std::string(100, 'a'));
  CHECK(looked.pieces[0].end == End::over_budget);
  CHECK(looked.reached == Limit::object_bytes);
}

TEST_CASE("pictures are left as they are") {
  CHECK(content("/Filter /DCTDecode", "\xff\xd8\xff") == "\xff\xd8\xff");
  CHECK(content("/Filter [/AHx /DCTDecode]", "ffd8ff>") == "\xff\xd8\xff");
}
