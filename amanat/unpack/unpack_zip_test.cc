#include <doctest/doctest.h>

#include "amanat/unpack/test_look.h"
#include "amanat/unpack/zip_maker.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {
const Bytes kText(5000, 'a');
const std::string kTextString(5000, 'a');
}  // namespace

TEST_CASE("entries of an archive come out whole, stored ones without being copied") {
  const Looked looked = look_into(
      Kind::zip,
      ZipMaker().store("s", as_bytes("stored")).deflate("d", kText).store("f/", {}).make());
  REQUIRE(looked.pieces.size() == 2);  // folders hold nothing
  CHECK(looked.pieces[0].content == "stored");
  CHECK(looked.pieces[0].is_view);
  CHECK(looked.pieces[1].content == kTextString);
  CHECK_FALSE(looked.pieces[1].is_view);
  CHECK(looked.pieces[1].entry.size == 5000);
  CHECK(looked.pieces[1].entry.index == 1);
  CHECK(looked.outcome.end == End::whole);
}

TEST_CASE("bytes in front of an archive and behind it do not hide its entries") {
  Bytes object = bytes_of("something in front");
  append(object, ZipMaker().deflate("d", kText).store("s", as_bytes("stored")).make());
  append(object, as_bytes("and behind"));
  const Looked as_zip = look_into(Kind::zip, object);
  CHECK(as_zip.content_of("d") == kTextString);
  CHECK(as_zip.content_of("s") == "stored");
  CHECK(as_zip.outcome.end == End::whole);
  // Whatever it begins with, the archive behind is found, and begins where it begins.
  for (const Kind kind : {Kind::jpeg, Kind::text_ascii, Kind::html}) {
    const Looked behind = look_into(kind, object);
    REQUIRE(behind.pieces.size() == 1);
    CHECK(behind.pieces[0].entry.kind == Kind::zip);
    CHECK(behind.pieces[0].entry.hidden);
    CHECK(behind.pieces[0].entry.position == 18);
  }
}

TEST_CASE("sizes that lie change what is said, not what is found") {
  for (const std::uint32_t claim : {0U, 1U, 4999U, 5001U, 0xffff'fffeU}) {
    CAPTURE(claim);
    const Looked looked =
        look_into(Kind::zip, ZipMaker().deflate("d", kText, {.size = claim}).make());
    CHECK(looked.content_of("d") == kTextString);
  }
  const Looked cut = look_into(
      Kind::zip, ZipMaker().store("s", as_bytes("stored"), {.packed_size = 0x7fff'ffff}).make());
  REQUIRE(!cut.pieces.empty());
  CHECK(cut.pieces[0].end == End::damaged);
  CHECK(cut.pieces[0].content.starts_with("stored"));
}

TEST_CASE("an entry whose two headers disagree is looked at both ways") {
  const Looked looked = look_into(Kind::zip, ZipMaker().deflate("d", kText, {.method = 0}).make());
  REQUIRE(looked.pieces.size() == 2);
  CHECK(looked.pieces[0].content != kTextString);  // as the directory says: stored
  CHECK(looked.pieces[1].content == kTextString);  // as the header says: deflated
  CHECK(looked.pieces[1].entry.hidden);
  CHECK(looked.outcome.end == End::damaged);
}

TEST_CASE("entries that no directory lists are found between the others") {
  Bytes object = ZipMaker().store("hidden", as_bytes("unlisted")).deflate("h2", kText).make();
  object.resize(object.size() - 22 - 2 * 46 - 8);  // without its directory
  append(object, ZipMaker().store("s", as_bytes("stored")).make());
  const Looked looked = look_into(Kind::zip, object);
  CHECK(looked.content_of("s") == "stored");
  CHECK(looked.content_of("hidden") == "unlisted");
  CHECK(looked.content_of("h2") == kTextString);
  CHECK(looked.outcome.end == End::damaged);
}

TEST_CASE("an archive whose end was cut off still gives its entries") {
  Bytes object = ZipMaker().deflate("d", kText).store("s", as_bytes("stored")).make();
  object.resize(object.size() - 22);
  const Looked looked = look_into(Kind::zip, object);
  CHECK(looked.content_of("d") == kTextString);
  CHECK(looked.content_of("s") == "stored");
  CHECK(looked.outcome.end == End::damaged);
}

TEST_CASE("a flag alone does not encrypt: Android ignores it") {
  const Looked flagged =
      look_into(Kind::zip, ZipMaker().deflate("d", kText, {.encrypted = true}).make());
  REQUIRE(flagged.pieces.size() == 1);
  CHECK(flagged.pieces[0].content == kTextString);
  CHECK(flagged.pieces[0].entry.encrypted);
  CHECK(flagged.pieces[0].end == End::whole);
  Bytes noise(300);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<std::uint8_t>(i * 77);
  const Looked secret =
      look_into(Kind::zip, ZipMaker().store("s", noise, {.method = 8, .encrypted = true}).make());
  REQUIRE(!secret.pieces.empty());
  CHECK(secret.pieces[0].end == End::encrypted);
  CHECK(secret.outcome.end >= End::encrypted);
}

TEST_CASE("the same bytes listed a thousand times are looked at once") {
  ZipMaker maker;
  maker.deflate("d", kText);
  for (int i = 0; i < 1000; ++i) maker.repeat();
  CHECK(look_into(Kind::zip, maker.make()).pieces.size() == 1);
}

TEST_CASE("an unknown method is told, and its bytes are handed over as Android reads them") {
  const Looked looked =
      look_into(Kind::zip, ZipMaker().store("s", as_bytes("stored"), {.method = 77}).make());
  REQUIRE(!looked.pieces.empty());
  CHECK(looked.pieces[0].content == "stored");
  CHECK(looked.pieces[0].end == End::unsupported);
}
