#include "amanat/unpack/installshield.h"

#include <array>
#include <string>

#include <doctest/doctest.h>
#include <zlib.h>

#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;
using namespace std::string_literals;

namespace {

void number(std::string& out, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

/// One block: its size, deflated bytes.
std::string block(std::string_view text) {
  std::string out(compressBound(text.size()), '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  std::string sized;
  number(sized, out.size(), 2);
  return sized + out;
}

struct Listed {
  std::string name;
  unsigned flags = 4;
  std::uint64_t size = 0;
  std::uint64_t packed_size = 0;
  std::uint64_t position = 0;
  unsigned volume = 1;
};

/// The header of a cabinet: lists at 20, the directory behind them.
std::string make_header(const std::vector<Listed>& files, std::uint32_t version = 0x0100'9500) {
  std::string names;
  std::string list;
  for (const Listed& file : files) {
    number(list, file.flags, 2);
    number(list, file.size, 8);
    number(list, file.packed_size, 8);
    number(list, file.position, 8);
    list.append(32, '\0');
    number(list, files.size() * 0x57 + names.size(), 4);
    list.append(22, '\0');
    list.push_back('\0');
    number(list, file.volume, 2);
    names += file.name + '\0';
  }
  std::string header = "ISc(";
  number(header, version, 4);
  number(header, 0, 4);
  number(header, 20, 4);
  number(header, 0, 4);
  for (const std::uint64_t field :
       {std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{48}, std::uint64_t{0},
        std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0},
        std::uint64_t{files.size()}, std::uint64_t{0}}) {
    number(header, field, 4);
  }
  return header + list + names;
}

std::string lay(std::string_view name, std::string_view content) {
  return std::string(name) + '\0' + "Disk1\\" + std::string(name) + '\0' + "0.0.0.0" + '\0'
         + std::to_string(content.size()) + '\0' + std::string(content);
}

/// What lies behind a program of four bytes.
Looked look_behind(const std::string& files) {
  const Bytes object = bytes_of("prog" + files);
  const ManualClock clock{Instant{}};
  Budget budget({}, clock);
  Looked looked;
  const OnFound on_found = [&](const Found& found) {
    looked.pieces.push_back(
        {.entry = found.entry, .end = found.end, .content = std::string(as_text(found.content))});
    return true;
  };
  Walk walk{.budget = budget, .on_found = on_found, .outcome = looked.outcome};
  unpack_installshield(object, 4, walk);
  return looked;
}

}  // namespace

TEST_CASE("files that InstallShield laid behind a program are found, and those in its cabinet") {
  const std::string first = block("hello ") + block("world");
  const std::string second = block("in the second volume");
  const std::string header =
      make_header({{.name = "a.txt", .size = 11, .packed_size = first.size(), .position = 3},
                   {.name = "plain", .flags = 0, .size = 3, .packed_size = 3, .position = 1},
                   {.name = "beside", .flags = 0, .size = 9, .packed_size = 9},
                   {.name = "absent", .flags = 12, .size = 9, .packed_size = 9},
                   {.name = "b.txt", .size = 20, .packed_size = second.size(), .volume = 2}});
  const Looked looked = look_behind(lay("data1.cab", "xyz" + first) + lay("Data2.CAB", second)
                                    + lay("data1.hdr", header) + lay("setup.ini", "[setup]"));
  CHECK(looked.outcome.end == End::whole);
  CHECK(looked.content_of("setup.ini") == "[setup]");
  CHECK(looked.content_of("a.txt") == "hello world");
  CHECK(looked.content_of("plain") == "yz" + first.substr(0, 1));
  CHECK(looked.content_of("b.txt") == "in the second volume");
  CHECK(looked.content_of("beside") == "(nothing)");
  CHECK(looked.content_of("absent") == "(nothing)");
}

TEST_CASE("what an InstallShield cabinet does not give is told") {
  const std::string content = block("hello");
  const auto end_of = [&](const Listed& file, std::uint32_t version = 0x0100'9500) {
    return look_behind(lay("data1.cab", content) + lay("data1.hdr", make_header({file}, version)))
        .outcome.end;
  };
  const Listed good{.name = "a", .size = 5, .packed_size = content.size()};
  CHECK(end_of(good) == End::whole);
  CHECK(end_of({.name = "a", .flags = 5, .size = 5, .packed_size = 5}) == End::unsupported);
  CHECK(end_of({.name = "a", .size = 5, .packed_size = 5, .volume = 9}) == End::unsupported);
  CHECK(end_of({.name = "a", .size = 6, .packed_size = content.size()}) == End::damaged);
  CHECK(end_of({.name = "a", .size = 5, .packed_size = 3}) == End::damaged);
  CHECK(end_of({.name = "a", .size = 5, .packed_size = 5, .position = 1ULL << 60}) == End::damaged);
  CHECK(end_of(good, 0x0100'500c) == End::unsupported);
}

TEST_CASE("a cabinet's header that is cut anywhere comes to an end") {
  const std::string header = make_header({{.name = "a", .size = 5, .packed_size = 5}});
  for (std::size_t size = 0; size < header.size(); ++size) {
    CAPTURE(size);
    look_behind(lay("data1.cab", block("hello")) + lay("data1.hdr", header.substr(0, size)));
  }
}
