#include "amanat/program/executable.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/program/section_digest.h"
#include "amanat/program/test_images.h"

namespace amanat::program {
namespace {

// Cutting a file anywhere gives a layout or an error, and never a read outside, which the address
// sanitizer sees because each piece is its own allocation.
void cut_everywhere(const Bytes& file) {
  for (std::size_t size = 0; size < file.size(); size += 3) {
    const Bytes piece(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    const auto image = read_executable(piece);
    if (!image) continue;
    for (const Section& section : image->sections) {
      const ByteView bytes = section_bytes(piece, section);
      CHECK((bytes.empty() || bytes.size() == section.raw_size));
    }
  }
}

TEST_CASE("a PE image gives its entry point as an offset in the file and its sections aligned") {
  for (const bool plus : {false, true}) {
    CAPTURE(plus);
    const auto image = read_executable(TestPe{.plus = plus}.make());
    REQUIRE(image);
    CHECK(image->format == Format::pe);
    CHECK(image->pe.pe32plus == plus);
    CHECK(image->bits == (plus ? 64 : 32));
    CHECK(image->entry_point == 0x410);
    REQUIRE(image->sections.size() == 1);
    CHECK(image->sections[0].name == ".text");
    CHECK(image->sections[0].raw_offset == 0x400);
    CHECK(image->sections[0].raw_size == 0x200);
    CHECK(image->sections[0].virtual_size == 0x1000);
    CHECK(image->pe.overlay_offset == 0x600);
  }
}

TEST_CASE("sections of a PE image begin and end as ClamAV aligns and cuts them") {
  struct Case {
    std::string_view what;
    std::uint32_t file_alignment;
    TestPeSection section;
    std::uint32_t raw_offset;
    std::uint32_t raw_size;
  };
  const auto cases = std::to_array<Case>({
      {"rounded to the alignment", 0x200, {.raw_size = 0x123, .raw_offset = 0x477}, 0x400, 0x200},
      {"no alignment at all", 0, {.raw_size = 0x123, .raw_offset = 0x477}, 0x477, 0x123},
      {"an alignment that is not kept to", 0x1000, {.raw_size = 0x210}, 0x400, 0x400},
      {"an alignment that is kept to", 0x400, {.raw_size = 0x210}, 0x400, 0x400},
      {"cut at the end of the file", 0x200, {.raw_size = 0x2000}, 0x400, 0x400},
      {"a size that wraps is none", 0x200, {.raw_size = 0, .raw_offset = 0x9000}, 0x9000, 0},
  });
  for (const Case& c : cases) {
    CAPTURE(c.what);
    // The entry point lies in the header, which every image has.
    const auto image = read_executable(
        TestPe{.entry = 0x10, .file_alignment = c.file_alignment, .sections = {c.section}}.make());
    REQUIRE(image);
    CHECK(image->sections[0].raw_offset == c.raw_offset);
    CHECK(image->sections[0].raw_size == c.raw_size);
  }
}

TEST_CASE("a section past the end of the file stays in its place, empty") {
  const TestPe pe{.sections = {{.rva = 0x2000, .raw_offset = 0x8000}, TestPeSection{}}};
  const auto image = read_executable(pe.make());
  REQUIRE(image);
  REQUIRE(image->sections.size() == 2);
  CHECK(image->sections[0].raw_size == 0);
  CHECK(image->sections[1].raw_offset == 0x400);
}

TEST_CASE("a PE image whose header makes no sense has no layout") {
  CHECK_FALSE(read_executable(TestPe{.entry = 0x5000}.make()));
  CHECK_FALSE(read_executable(TestPe{.sections = {}}.make()));
  CHECK_FALSE(read_executable(TestPe{.sections = {{.rva = 0x80001000}}}.make()));
  CHECK_FALSE(read_executable(TestPe{.sections = {{.virtual_size = 0xf0000000}}}.make()));
  CHECK_FALSE(read_executable(TestPe{.sections = std::vector<TestPeSection>(60)}.make()));
  Bytes without_header = TestPe{}.make();
  without_header[64] = 'N';
  CHECK(read_executable(without_header).error().code == Code::invalid_input);
  CHECK(read_executable(Bytes(100)).error().code == Code::not_found);
  CHECK(read_executable({}).error().code == Code::not_found);
}

TEST_CASE("an address of a PE image lies in the last section that holds it, or in the header") {
  const TestPe pe{.entry = 0x1010,
                  .sections = {TestPeSection{}, {.name = "late", .raw_offset = 0x600}}};
  const Bytes file = pe.make();
  const auto image = read_executable(file);
  REQUIRE(image);
  CHECK(image->entry_point == 0x610);
  CHECK(file_offset(*image, 0x20, file.size()).value() == 0x20);
  CHECK_FALSE(file_offset(*image, 0x1200, file.size()));
  CHECK_FALSE(file_offset(*image, 0xffffffff, file.size()));
}

// A resource directory with one version, whose strings begin 0x30 bytes into its data.
Bytes pe_with_version(std::string_view key, std::string_view value) {
  TestBytes string;
  string.u16(0).u16(value.size()).u16(1).utf16(key).u16(0);
  if (string.size() % 4 != 0) string.u16(0);
  if (!value.empty()) string.utf16(value).u16(0);
  string.put(0, string.size(), 2);
  if (string.size() % 4 != 0) string.u16(0);

  TestBytes table;
  table.u16(24 + string.size()).u16(0).u16(1).utf16("040904b0").u16(0).raw(string.bytes());
  TestBytes strings;
  strings.u16(6 + 30 + table.size()).u16(0).u16(1).utf16("StringFileInfo").u16(0);
  strings.raw(table.bytes());
  TestBytes version;
  version.u16(6 + 32 + 2 + 0x34 + strings.size()).u16(0x34).u16(0).utf16("VS_VERSION_INFO").u16(0);
  version.u16(0).u32(0xfeef04bd).zeros(0x30).raw(strings.bytes());

  TestBytes directory;  // at RVA 0x1000, offset 0x400
  directory.zeros(12).u16(0).u16(1).u32(16).u32(0x80000018);
  directory.zeros(12).u16(0).u16(1).u32(1).u32(0x80000030);
  directory.zeros(12).u16(0).u16(1).u32(0x409).u32(0x48);
  directory.u32(0x1058).u32(version.size()).zeros(8).raw(version.bytes());
  TestBytes file;
  file.raw(TestPe{.sections = {{.raw_size = 0x400}}, .resource_rva = 0x1000, .resource_size = 0x400}
               .make());
  file.put_bytes(0x400, directory.bytes());
  return file.bytes();
}

TEST_CASE("the strings of a PE image's version information begin at their keys") {
  const Bytes file = pe_with_version("CompanyName", "Example");
  const auto image = read_executable(file);
  REQUIRE(image);
  REQUIRE(image->pe.version_info.size() == 1);
  const std::uint32_t at = image->pe.version_info[0];
  CHECK(file[at] == 'C');
  CHECK(file[at + 2] == 'o');
  cut_everywhere(file);
}

TEST_CASE("a version string without a value is none") {
  const auto image = read_executable(pe_with_version("CompanyName", ""));
  REQUIRE(image);
  CHECK(image->pe.version_info.empty());
}

TEST_CASE("an ELF file gives its entry point by its segments and its sections by their headers") {
  for (const bool wide : {false, true}) {
    for (const bool big_endian : {false, true}) {
      CAPTURE(wide);
      CAPTURE(big_endian);
      const Bytes file = TestElf{.wide = wide, .big_endian = big_endian}.make();
      const auto image = read_executable(file);
      REQUIRE(image);
      CHECK(image->format == Format::elf);
      CHECK(image->bits == (wide ? 64 : 32));
      CHECK(image->big_endian == big_endian);
      CHECK(image->entry_point == 0x410);
      REQUIRE(image->sections.size() == 3);
      CHECK(image->sections[0].raw_offset == 0);
      CHECK(image->sections[1].name == ".text");
      CHECK(image->sections[1].raw_offset == 0x400);
      CHECK(image->sections[1].raw_size == 0x100);
      CHECK(image->sections[2].name == ".abc");
      cut_everywhere(file);
    }
  }
}

TEST_CASE("an ELF file without an entry point or segments counts from 0") {
  CHECK(read_executable(TestElf{.entry = 0}.make())->entry_point == 0);
  CHECK(read_executable(TestElf{.segment_count = 0}.make())->entry_point == 0);
}

TEST_CASE("an ELF file with an entry point nowhere or with too many parts has no layout") {
  CHECK_FALSE(read_executable(TestElf{.entry = 0x20000}.make()));
  CHECK_FALSE(read_executable(TestElf{.section_count = kElfSectionsMax + 1}.make()));
  CHECK_FALSE(read_executable(TestElf{.segment_count = kElfSegmentsMax + 1}.make()));
  CHECK_FALSE(read_executable(TestElf{.section_count = 200}.make()));  // past the end
}

TEST_CASE("a Mach-O file gives the sections of its segments and PowerPC's entry point") {
  for (const bool wide : {false, true}) {
    for (const bool big_endian : {false, true}) {
      CAPTURE(wide);
      CAPTURE(big_endian);
      const std::uint32_t processor = wide ? 18 | 0x1000000 : 18;
      const Bytes file =
          TestMacho{.wide = wide, .big_endian = big_endian, .processor = processor}.make();
      const auto image = read_executable(file);
      REQUIRE(image);
      CHECK(image->format == Format::macho);
      CHECK(image->entry_point == 0x404);
      REQUIRE(image->sections.size() == 2);
      CHECK(image->sections[1].name == "__part");
      CHECK(image->sections[1].raw_offset == 0x500);
      CHECK(image->sections[1].virtual_size == 50);
      CHECK(image->sections[1].raw_size == 64);  // rounded up to its alignment of 16
      cut_everywhere(file);
    }
  }
}

TEST_CASE("a Mach-O file with too many commands or sections, or an entry nowhere, has no layout") {
  CHECK_FALSE(read_executable(TestMacho{.command_count = kMachoCommandsMax + 1}.make()));
  CHECK_FALSE(read_executable(TestMacho{.command_count = 0}.make()));
  CHECK_FALSE(read_executable(TestMacho{.section_count = 256}.make()));
  CHECK_FALSE(read_executable(TestMacho{.entry = 0x9000}.make()));
}

Bytes universal(std::uint32_t count, std::uint32_t offset, std::uint32_t size) {
  TestBytes file(true);
  file.u32(0xcafebabe).u32(count);
  file.u32(7).u32(3).u32(offset).u32(size).u32(0);
  return file.fill_to(0x100).bytes();
}

TEST_CASE("a universal binary lists its programs, which end with the file") {
  const auto slices = read_slices(universal(1, 0x80, 0x1000));
  REQUIRE(slices);
  REQUIRE(slices->size() == 1);
  CHECK(slices->front().processor == 7);
  CHECK(slices->front().offset == 0x80);
  CHECK(slices->front().size == 0x80);
  CHECK(read_executable(universal(1, 0x80, 0x80)).error().code == Code::not_found);
}

TEST_CASE("a Java class is no universal binary, and no program lies in a header") {
  CHECK(read_slices(universal(52, 0x80, 0x80)).error().code == Code::not_found);
  CHECK(read_slices(universal(1, 0x10, 0x80)).error().code == Code::invalid_input);
  CHECK(read_slices(universal(1, 0x100, 0x80)).error().code == Code::invalid_input);
  CHECK(read_slices(universal(33, 0x80, 0x80)).error().code == Code::invalid_input);
  CHECK(read_slices({}).error().code == Code::not_found);
}

TEST_CASE("sections are digested when their size is wanted, the same bytes once") {
  const TestPe pe{.sections = {TestPeSection{}, {.raw_size = 0x400}, {.rva = 0x3000}}};
  const Bytes file = pe.make();
  const auto image = read_executable(file);
  REQUIRE(image);
  const auto digests = digest_sections(file, *image, crypto::DigestKind::sha256,
                                       [](std::uint32_t size) { return size == 0x200; });
  REQUIRE(digests);
  REQUIRE(digests->size() == 2);
  CHECK((*digests)[1].section == 2);
  CHECK((*digests)[0].digest == (*digests)[1].digest);
  CHECK(to_hex((*digests)[0].digest) == crypto::sha256(Bytes(0x200)).hex());
}

TEST_CASE("sections that overlap a hundred times over are not digested for ever") {
  std::vector<TestPeSection> sections;
  for (std::uint32_t i = 0; i < 100; ++i) sections.push_back({.raw_size = 0x8000 + 0x200 * i});
  const Bytes file = TestPe{.sections = sections, .file_size = 0x20000}.make();
  const auto image = read_executable(file);
  REQUIRE(image);
  CHECK_FALSE(
      digest_sections(file, *image, crypto::DigestKind::md5, [](std::uint32_t) { return true; }));
}

}  // namespace
}  // namespace amanat::program
