#include "amanat/unpack/zip.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/unpack/zip_maker.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {
constexpr std::size_t kPlenty = 1 << 20;

Result<Zip> open_zip(const Bytes& bytes) { return Zip::open(read_from(bytes), bytes.size()); }

Bytes text(std::string_view words) {
  const ByteView bytes = as_bytes(words);
  return {bytes.begin(), bytes.end()};
}
}  // namespace

TEST_CASE("an archive lists its entries and gives back what was put in") {
  const Bytes long_text(200'000, 'a');
  for (const bool zip64 : {false, true}) {
    CAPTURE(zip64);
    const Bytes bytes = ZipMaker()
                            .store("mimetype", as_bytes("application/epub+zip"))
                            .deflate("OEBPS/a.html", long_text)
                            .store("OEBPS/", {})
                            .make(zip64);
    const auto zip = open_zip(bytes);
    REQUIRE(zip);
    REQUIRE(zip->entries().size() == 3);
    CHECK(zip->listing_problem().empty());
    CHECK(zip->extract(*zip->find("mimetype"), kPlenty).value_or(Bytes())
          == text("application/epub+zip"));
    CHECK(zip->find("OEBPS/a.html")->size == long_text.size());
    CHECK(zip->extract(*zip->find("OEBPS/a.html"), kPlenty).value_or(Bytes()) == long_text);
    CHECK(zip->find("OEBPS/")->is_folder());
    CHECK(zip->find("nothing") == nullptr);
  }
}

TEST_CASE("an entry is never unpacked beyond its limit, whatever it claims") {
  const Bytes content(300'000, 0);
  for (const std::uint32_t claim : {300'000U, 10U, 0U, 0xfffffffeU}) {
    CAPTURE(claim);
    const Bytes bytes = ZipMaker().deflate("zeros", content, {.size = claim}).make();
    const auto zip = open_zip(bytes);
    REQUIRE(zip);
    CHECK_FALSE(zip->extract(zip->entries()[0], 299'999));
    CHECK(zip->extract(zip->entries()[0], 300'000).value_or(Bytes()) == content);
    std::uint64_t seen = 0;
    const auto part = zip->unpack(zip->entries()[0], 1000, [&](ByteView piece) {
      seen += piece.size();
      return true;
    });
    REQUIRE(part);
    CHECK(seen == 1000);
    CHECK(part->size == 1000);
    CHECK_FALSE(part->whole);
  }
}

TEST_CASE("the directory is believed and the header in front of an entry is not") {
  const Bytes bytes =
      ZipMaker().deflate("classes.dex", as_bytes("dex"), {.local_name = "harmless.txt"}).make();
  const auto zip = open_zip(bytes);
  REQUIRE(zip);
  CHECK(zip->extract(*zip->find("classes.dex"), kPlenty).value_or(Bytes()) == text("dex"));
}

TEST_CASE("bytes in front of an archive and behind it do not hide it") {
  const Bytes inner = ZipMaker().store("a", as_bytes("content")).make();
  Bytes in_front = text("#!/bin/sh\n");
  append(in_front, inner);
  const auto shifted = open_zip(in_front);
  REQUIRE(shifted);
  CHECK(shifted->extract(shifted->entries().at(0), kPlenty).value_or(Bytes()) == text("content"));

  Bytes behind = inner;
  append(behind, as_bytes("a comment that nobody announced"));
  const auto followed = open_zip(behind);
  REQUIRE(followed);
  CHECK(followed->extract(followed->entries().at(0), kPlenty).value_or(Bytes()) == text("content"));
}

TEST_CASE("what is no archive has no directory") {
  CHECK(open_zip({}).error().code == Code::not_found);
  CHECK(open_zip(text("PK")).error().code == Code::not_found);
  CHECK(open_zip(Bytes(100'000, 'P')).error().code == Code::not_found);
}

TEST_CASE("an archive without entries is an archive") {
  const auto zip = open_zip(ZipMaker().make());
  REQUIRE(zip);
  CHECK(zip->entries().empty());
  CHECK(zip->listing_problem().empty());
}

TEST_CASE("a directory that ends early, or counts wrong, is told") {
  const Bytes good = ZipMaker().store("a", as_bytes("1")).store("b", as_bytes("2")).make();
  for (const int count : {0, 1, 3, 200}) {
    CAPTURE(count);
    Bytes bent = good;
    bent[bent.size() - 12] =
        static_cast<std::uint8_t>(count);  // the number of entries in the end record
    const auto zip = open_zip(bent);
    REQUIRE(zip);
    CHECK_FALSE(zip->listing_problem().empty());
  }
}

TEST_CASE("an archive cut off anywhere is refused or told, and never read past its end") {
  const Bytes good = ZipMaker().deflate("a", Bytes(5000, 7)).store("b", as_bytes("2")).make(true);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(open_zip(cut));
    Bytes tail(good.begin() + static_cast<std::ptrdiff_t>(size), good.end());
    const auto zip = open_zip(tail);
    for (std::size_t i = 0; zip && i < zip->entries().size(); ++i) {
      const auto content = zip->extract(zip->entries()[i], kPlenty);
      CHECK((!content || content->size() <= kPlenty));
    }
  }
}

TEST_CASE("a broken deflate stream is an error, after what came before the break") {
  Bytes content(200'000);
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::uint8_t>(i * i / 7);
  }
  Bytes bytes = ZipMaker().deflate("a", content).make();
  const auto whole = open_zip(bytes);
  REQUIRE(whole);
  const std::uint64_t packed_size = whole->entries()[0].packed_size;
  const Bytes cut =
      ZipMaker()
          .deflate("a", content, {.packed_size = static_cast<std::uint32_t>(packed_size - 20)})
          .make();
  const auto zip = open_zip(cut);
  REQUIRE(zip);
  std::uint64_t seen = 0;
  const auto done = zip->unpack(zip->entries()[0], kPlenty, [&](ByteView piece) {
    seen += piece.size();
    return true;
  });
  CHECK(done.error().code == Code::invalid_input);
  CHECK(seen > content.size() / 2);
}

TEST_CASE("an unknown method is read as stored, as Android does") {
  const Bytes bytes = ZipMaker().store("a", as_bytes("plain"), {.method = 0x2342}).make();
  const auto zip = open_zip(bytes);
  REQUIRE(zip);
  const auto done = zip->unpack(zip->entries()[0], kPlenty, [](ByteView) { return true; });
  REQUIRE(done);
  CHECK(done->whole);
  CHECK(done->crc_holds);
}
