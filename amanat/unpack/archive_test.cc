#include <array>
#include <functional>

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {

const std::string kLong(300'000, 'x');

/// An archive with two files in it, or one stream, made by libarchive.
Bytes make_archive(const std::function<void(archive*)>& choose, bool is_stream = false) {
  Bytes out(4 << 20);
  std::size_t used = 0;
  archive* writer = archive_write_new();
  choose(writer);
  REQUIRE(archive_write_open_memory(writer, out.data(), out.size(), &used) == ARCHIVE_OK);
  const auto add = [&](const char* name, std::string_view content) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  };
  add("first", kLong);
  if (!is_stream) add("second", "two");
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

Bytes gzip(std::string_view text) {
  Bytes out(compressBound(text.size()) + 32);
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("archives of every kind give back what was put in") {
  struct Case {
    Kind kind;
    int (*choose)(archive*);
    bool is_view;  // stored without a container of its own
  };
  const auto cases = std::to_array<Case>({
      {.kind = Kind::tar, .choose = archive_write_set_format_ustar, .is_view = true},
      {.kind = Kind::cpio, .choose = archive_write_set_format_cpio_newc, .is_view = true},
      {.kind = Kind::ar, .choose = archive_write_set_format_ar_svr4, .is_view = true},
      {.kind = Kind::seven_zip, .choose = archive_write_set_format_7zip, .is_view = false},
      {.kind = Kind::iso9660, .choose = archive_write_set_format_iso9660, .is_view = true},
  });
  for (const Case& c : cases) {
    CAPTURE(name_of(c.kind));
    const Bytes object = make_archive([&](archive* writer) { c.choose(writer); });
    CHECK(kind_of(object) == c.kind);
    const Looked looked = look_into(c.kind, object);
    REQUIRE(looked.pieces.size() == 2);
    CHECK(looked.pieces[0].content == kLong);
    CHECK(looked.pieces[0].is_view == c.is_view);
    CHECK(looked.pieces[1].content == "two");
    CHECK(looked.outcome.end == End::whole);
    // Cut in half, it gives what it can and says that this is not all.
    const Looked half = look_into(c.kind, ByteView(object).first(object.size() / 2));
    CHECK(half.outcome.end >= End::damaged);
  }
}

TEST_CASE("packed streams of every kind give back what was put in") {
  struct Case {
    Kind kind;
    int (*choose)(archive*);
  };
  const auto cases = std::to_array<Case>({
      {.kind = Kind::bzip2, .choose = archive_write_add_filter_bzip2},
      {.kind = Kind::xz, .choose = archive_write_add_filter_xz},
      {.kind = Kind::lzma, .choose = archive_write_add_filter_lzma},
      {.kind = Kind::zstd, .choose = archive_write_add_filter_zstd},
      {.kind = Kind::lz4, .choose = archive_write_add_filter_lz4},
      {.kind = Kind::compress, .choose = archive_write_add_filter_compress},
  });
  for (const Case& c : cases) {
    CAPTURE(name_of(c.kind));
    const Bytes object = make_archive(
        [&](archive* writer) {
          c.choose(writer);
          archive_write_set_format_raw(writer);
        },
        true);
    CHECK(kind_of(object) == c.kind);
    const Looked looked = look_into(c.kind, object);
    REQUIRE(looked.pieces.size() == 1);
    CHECK(looked.pieces[0].content == kLong);
    CHECK(looked.outcome.end == End::whole);
    const Looked bounded = look_into(c.kind, object, {.object_bytes_max = 100'000});
    REQUIRE(bounded.pieces.size() == 1);
    CHECK(bounded.pieces[0].content.size() == 100'000);
    CHECK(bounded.reached == Limit::object_bytes);
    CHECK(bounded.outcome.end == End::over_budget);
  }
}

TEST_CASE("a gzip file is all its members, and what lies behind them is found too") {
  Bytes object = gzip("one ");
  append(object, gzip("two"));
  const Looked two = look_into(Kind::gzip, object);
  REQUIRE(two.pieces.size() == 1);
  CHECK(two.pieces[0].content == "one two");
  CHECK(two.outcome.end == End::whole);
  Bytes padded = object;
  padded.resize(padded.size() + 512);
  CHECK(look_into(Kind::gzip, padded).pieces.size() == 1);
  append(object, as_bytes("behind"));
  const Looked behind = look_into(Kind::gzip, object);
  REQUIRE(behind.pieces.size() == 2);
  CHECK(behind.pieces[1].content == "behind");
  CHECK(behind.pieces[1].entry.hidden);
}

TEST_CASE("a hundred thousand entries of ZIP without a directory behind them are read once") {
  std::string text = "MZ PK\5\6";
  for (int i = 0; i < 100'000; ++i) text += std::string_view("PK\3\4\x14\0", 6);
  const Looked without = look_into(Kind::pe, as_bytes(text));
  CHECK(without.pieces.empty());
  CHECK(without.outcome.end == End::whole);
  const Looked with = look_into(Kind::pe, as_bytes(text + "PK\5\6"));
  REQUIRE(with.pieces.size() == 1);
  CHECK(with.pieces[0].entry.position == 7);
}

TEST_CASE("a gzip file that was cut off gives what came before") {
  const Bytes whole = gzip(kLong);
  const Looked looked = look_into(Kind::gzip, ByteView(whole).first(whole.size() - 20));
  REQUIRE(looked.pieces.size() == 1);
  CHECK(looked.pieces[0].end == End::damaged);
  CHECK(looked.pieces[0].content.size() > 1000);
  CHECK(kLong.starts_with(looked.pieces[0].content));
}

TEST_CASE("what is no archive is damaged and nothing else") {
  for (const Kind kind : {Kind::tar, Kind::seven_zip, Kind::cab, Kind::rar, Kind::xz, Kind::gzip,
                          Kind::arj, Kind::sis, Kind::szdd, Kind::zip, Kind::ole2}) {
    CAPTURE(name_of(kind));
    const Looked looked = look_into(kind, bytes_of(std::string(600, 'q')));
    CHECK(looked.outcome.end >= End::damaged);
  }
}
