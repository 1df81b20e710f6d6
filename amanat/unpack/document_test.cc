// Compound files and what lies in them, RTF, TNEF, BinHex, SZDD, Flash.

#include <array>

#include <doctest/doctest.h>

#include "amanat/unpack/ole2.h"
#include "amanat/unpack/test_look.h"
#include "amanat/unpack/vba.h"

using namespace amanat;
using namespace amanat::unpack;
using namespace std::string_view_literals;

namespace {

void put(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}
void add(Bytes& bytes, std::uint64_t value, std::size_t width) {
  bytes.resize(bytes.size() + width);
  put(bytes, bytes.size() - width, value, width);
}

/// A compound file with small streams: header, table, directory, small table, small streams.
class CompoundMaker {
 public:
  CompoundMaker& stream(std::string_view name, ByteView content) {
    streams_.push_back({.name = std::string(name), .content = {content.begin(), content.end()}});
    return *this;
  }
  Bytes make() const {
    Bytes mini_table;
    Bytes mini;
    Bytes directory;
    entry(directory, "Root Entry", 5, 3, 4096);
    for (const auto& stream : streams_) {
      const std::size_t first = mini.size() / 64;
      const std::size_t count = (stream.content.size() + 63) / 64;
      entry(directory, stream.name, 2, first, stream.content.size());
      append(mini, stream.content);
      mini.resize((first + count) * 64);
      for (std::size_t i = 1; i < count; ++i) add(mini_table, first + i, 4);
      add(mini_table, 0xffff'fffe, 4);
    }
    REQUIRE(mini.size() <= 4096);
    REQUIRE(directory.size() <= 512);
    Bytes file = bytes_of("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv);
    file.resize(512);
    put(file, 28, 0xfffe, 2);
    put(file, 30, 9, 2);
    put(file, 32, 6, 2);
    put(file, 44, 1, 4);
    put(file, 48, 1, 4);  // directory
    put(file, 56, 4096, 4);
    put(file, 60, 2, 4);  // small table
    put(file, 68, 0xffff'fffe, 4);
    std::fill(file.begin() + 80, file.end(), 0xff);
    for (const std::uint32_t next : {0xffff'fffdU, 0xffff'fffeU, 0xffff'fffeU}) add(file, next, 4);
    for (std::uint32_t i = 4; i < 11; ++i) add(file, i, 4);  // the small streams, in a row
    add(file, 0xffff'fffe, 4);
    file.resize(1024, 0xff);
    const auto sector = [&](const Bytes& content, std::size_t size) {
      append(file, content);
      file.resize(file.size() + size - content.size());
    };
    sector(directory, 512);
    sector(mini_table, 512);
    sector(mini, 4096);
    return file;
  }

 private:
  struct Stream {
    std::string name;
    Bytes content;
  };
  static void entry(Bytes& directory, std::string_view name, std::uint8_t type, std::size_t start,
                    std::size_t size) {
    const std::size_t at = directory.size();
    directory.resize(at + 128);
    for (std::size_t i = 0; i < name.size(); ++i) {
      directory[at + 2 * i] = static_cast<std::uint8_t>(name[i]);
    }
    put(directory, at + 64, 2 * name.size() + 2, 2);
    directory[at + 66] = type;
    put(directory, at + 116, start, 4);
    put(directory, at + 120, size, 4);
  }
  std::vector<Stream> streams_;
};

// The examples of [MS-OVBA] §3.2.
constexpr auto kVbaPacked = std::to_array<std::uint8_t>(
    {0x01, 0x2f, 0xb0, 0x00, 0x23, 0x61, 0x61, 0x61, 0x62, 0x63, 0x64, 0x65, 0x82,
     0x66, 0x00, 0x70, 0x61, 0x67, 0x68, 0x69, 0x6a, 0x01, 0x38, 0x08, 0x61, 0x6b,
     0x6c, 0x00, 0x30, 0x6d, 0x6e, 0x6f, 0x70, 0x06, 0x71, 0x02, 0x70, 0x04, 0x10,
     0x72, 0x73, 0x74, 0x75, 0x76, 0x10, 0x77, 0x78, 0x79, 0x7a, 0x00, 0x3c});
constexpr std::string_view kVbaText = "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa";
constexpr auto kVbaRun = std::to_array<std::uint8_t>({0x01, 0x03, 0xb0, 0x02, 0x61, 0x45, 0x00});

Bytes package(std::string_view name, std::string_view content) {
  Bytes bytes;
  add(bytes, 2, 2);
  append(bytes, as_bytes(name));
  append(bytes, as_bytes("\0C:\\x\0\0\0\3\0"sv));
  add(bytes, 2, 4);
  append(bytes, as_bytes("t\0"sv));
  add(bytes, content.size(), 4);
  append(bytes, as_bytes(content));
  return bytes;
}

}  // namespace

TEST_CASE("compressed VBA comes out as in the specification's examples") {
  const ManualClock clock{Instant{}};
  Budget budget(Limits{}, clock);
  Output output(budget);
  output.begin(100);
  CHECK(decompress_vba(kVbaPacked, output) == End::whole);
  CHECK(as_text(output.bytes()) == kVbaText);
  output.begin(100);
  CHECK(decompress_vba(kVbaRun, output) == End::whole);
  CHECK(as_text(output.bytes()) == std::string(73, 'a'));
  for (std::size_t size = 0; size < kVbaPacked.size(); ++size) {
    output.begin(100);
    CHECK(decompress_vba(ByteView(kVbaPacked).first(size), output) == End::damaged);
  }
}

TEST_CASE("the streams of a compound file are found, and the files dropped into them") {
  Bytes native;
  const Bytes inner = package("evil.exe", "program");
  add(native, inner.size(), 4);
  append(native, inner);
  const std::string text(200, 't');
  const Bytes file =
      CompoundMaker().stream("text", as_bytes(text)).stream("\1Ole10Native", native).make();
  CHECK(kind_of(file) == Kind::ole2);
  const Looked looked = look_into(Kind::ole2, file);
  CHECK(looked.content_of("text") == text);
  CHECK(looked.pieces.at(0).is_view);
  CHECK(looked.content_of("evil.exe") == "program");
  CHECK(looked.outcome.end == End::whole);
}

TEST_CASE("the source of macros is found through the project's list and by its shape") {
  Bytes dir;  // uncompressed chunk: 4096 bytes
  add(dir, 1, 1);
  add(dir, 0x3fff, 2);
  Bytes records;
  add(records, 0x1a, 2);
  add(records, 3, 4);
  append(records, as_bytes("Mod"));
  add(records, 0x31, 2);
  add(records, 4, 4);
  add(records, 7, 4);
  Bytes short_dir;
  add(short_dir, 1, 1);
  add(short_dir, 0x3000 | (records.size() - 1), 2);
  append(short_dir, records);
  Bytes module(7, 0xcc);
  append(module, kVbaPacked);
  Bytes shaped(3, 0xee);  // "Attribute" as a compressor writes it, without a project
  add(shaped, 1, 1);
  append(shaped, as_bytes("\x0e\xb0\0Attribut\0e VBx"sv));
  const Looked looked = look_into(
      Kind::ole2,
      CompoundMaker().stream("dir", short_dir).stream("Mod", module).stream("Lone", shaped).make());
  CHECK(looked.content_of("Mod source") == kVbaText);
  CHECK(looked.content_of("Lone source") == "Attribute VBx");
  for (const Piece& piece : looked.pieces) {
    CHECK((piece.entry.kind == Kind::script) == piece.entry.name.ends_with(" source"));
  }
}

TEST_CASE("chains that go in circles or out of the file are cut and told") {
  Bytes circle = CompoundMaker().stream("text", Bytes(200, 't')).make();
  put(circle, 512 + 4, 1, 4);  // the directory's sector comes after itself
  CHECK(look_into(Kind::ole2, circle).outcome.end == End::damaged);
  Bytes away = CompoundMaker().stream("text", Bytes(200, 't')).make();
  put(away, 1024 + 128 + 116, 0x00ff'0000, 4);  // the stream begins outside
  CHECK(look_into(Kind::ole2, away).outcome.end == End::damaged);
}

TEST_CASE("tables of a compound file are no longer than the file, however large its sectors") {
  Bytes file = bytes_of("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv);
  file.resize(std::size_t{2} << 20);
  put(file, 30, 20, 2);  // sectors of a mebibyte
  put(file, 32, 4, 2);
  std::fill(file.begin() + 80, file.begin() + 512, 0xff);
  // Sector 0 is table, small table and directory; each of its 262,144 places leads back to it.
  CHECK(look_into(Kind::ole2, file).outcome.end == End::damaged);
}

TEST_CASE("objects in RTF are found through what is strewn over them") {
  Bytes object;
  add(object, 0x0105'0000, 4);
  put(object, 0, 0x0000'0501, 4);
  add(object, 2, 4);
  add(object, 8, 4);
  append(object, as_bytes("Package\0"sv));
  add(object, 0, 8);
  const Bytes inner = package("a.exe", "program");
  add(object, inner.size(), 4);
  append(object, inner);
  std::string hex = to_hex(object);
  hex.insert(20, "{\\*\\x1 zz}\r\n");
  const Looked looked =
      look_into(Kind::rtf, bytes_of("{\\rtf1{\\object\\objemb{\\*\\objdata " + hex + "}}}"));
  CHECK(looked.content_of("a.exe") == "program");
  CHECK(looked.outcome.end == End::whole);
}

TEST_CASE("attachments of TNEF, files of BinHex, SZDD and Flash come out") {
  Bytes tnef = bytes_of("\x78\x9f\x3e\x22\1\0"sv);
  const auto attribute = [&](std::uint16_t id, std::string_view value) {
    add(tnef, 2, 1);
    add(tnef, id, 2);
    add(tnef, 6, 2);
    add(tnef, value.size(), 4);
    append(tnef, as_bytes(value));
    add(tnef, 0, 2);
  };
  attribute(0x9002, "rendering");
  attribute(0x800f, "one");
  attribute(0x8010, "a.txt\0"sv);
  attribute(0x9002, "rendering");
  attribute(0x8010, "b.txt\0"sv);
  attribute(0x800f, "two");
  const Looked attachments = look_into(Kind::tnef, tnef);
  CHECK(attachments.content_of("a.txt") == "one");
  CHECK(attachments.content_of("b.txt") == "two");

  const Looked literal =
      look_into(Kind::szdd, bytes_of("SZDD\x88\xf0\x27\x33\x41\0\x08\0\0\0\x1fhello\xf0\xf0"sv));
  REQUIRE(literal.pieces.size() == 1);
  CHECK(literal.pieces[0].content == "hellohel");
}
