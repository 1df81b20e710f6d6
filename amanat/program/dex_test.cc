#include "amanat/program/dex.h"

#include <doctest/doctest.h>

#include "amanat/program/test_dex.h"
#include "amanat/program/unicode.h"

namespace amanat::program {
namespace {

TEST_CASE("a Dalvik executable says its strings, classes and methods, and that it is whole") {
  const Bytes bytes = make_dex({"Lcom/example/Main;", "onCreate", "http://example.org"});
  const auto dex = Dex::open(bytes);
  REQUIRE(dex);
  CHECK(dex->version() == 35);
  CHECK(dex->file_size() == bytes.size());
  CHECK_FALSE(dex->is_cut());
  CHECK(dex->checksum_holds());
  CHECK(dex->signature_holds());
  CHECK(dex->string_count() == 3);
  CHECK(dex->string(2) == "http://example.org");
  CHECK(dex->string(2, 4) == "http");
  CHECK(dex->class_name(0) == "Lcom/example/Main;");
  CHECK(dex->method_name(0) == "Lcom/example/Main;->onCreate");
}

TEST_CASE("what was changed breaks the signature, and the checksum with it") {
  Bytes bytes = make_dex({"La;", "b"});
  bytes.back() ^= 1;
  CHECK_FALSE(Dex::open(bytes)->signature_holds());
  CHECK_FALSE(Dex::open(bytes)->checksum_holds());
}

TEST_CASE("indices that lie outside their table have no name") {
  const Bytes bytes = make_dex({"La;", "b"});
  const auto dex = Dex::open(bytes);
  CHECK_FALSE(dex->string(2));
  CHECK_FALSE(dex->string(0xffffffff));
  CHECK_FALSE(dex->type_name(1));
  CHECK_FALSE(dex->class_name(1));
  CHECK_FALSE(dex->method_name(1));
}

TEST_CASE("tables that count four thousand million entries are cut to what is there") {
  for (const std::size_t table : {56U, 64U, 88U, 96U}) {
    CAPTURE(table);
    TestBytes bent;
    bent.raw(make_dex({"La;", "b"})).put(table, 0xffffffff, 4);
    const auto dex = Dex::open(bent.bytes());
    REQUIRE(dex);
    CHECK(dex->is_cut());
    CHECK(dex->string_count() < 100);
    CHECK(dex->class_count() < 100);
    for (std::uint32_t i = 0; i < dex->string_count(); ++i) static_cast<void>(dex->string(i));
    for (std::uint32_t i = 0; i < dex->method_count(); ++i) static_cast<void>(dex->method_name(i));
  }
}

TEST_CASE("what does not begin like a Dalvik executable is none") {
  CHECK(Dex::open({}).error().code == Code::not_found);
  CHECK(Dex::open(as_bytes("dex\nabc")).error().code == Code::not_found);
  Bytes bytes = make_dex({"La;", "b"});
  CHECK(Dex::open(ByteView(bytes).first(111)).error().code == Code::invalid_input);
  bytes[40] = 0x12;  // the other byte order
  CHECK(Dex::open(bytes).error().code == Code::invalid_input);
}

TEST_CASE("Java's own UTF-8 becomes the world's") {
  const auto text = [](std::string_view bytes) { return utf8_from_modified(as_bytes(bytes), 99); };
  CHECK(text("plain \xc3\xa9") == "plain \xc3\xa9");
  CHECK(text("\xc0\x80") == std::string_view("\0", 1));
  CHECK(text("\xed\xa0\xbd\xed\xb8\x80") == "\xf0\x9f\x98\x80");  // two surrogates: U+1F600
  CHECK(text("\xed\xa0\xbd.") == "\xef\xbf\xbd.");                // one alone
  CHECK(text("\xff\x80") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(text("\xc1\x81") == "\xef\xbf\xbd");  // not the shortest form
  CHECK(utf8_from_untrusted(as_bytes("\xed\xa0\xbd"), 99) == "\xef\xbf\xbd");
  CHECK(utf8_from_untrusted(as_bytes("\xf0\x9f\x98\x80"), 99) == "\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace amanat::program
