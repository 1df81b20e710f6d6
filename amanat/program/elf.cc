// The Executable and Linking Format (System V ABI, chapters 4 and 5), for both widths and orders.

#include <algorithm>

#include "amanat/program/fields.h"
#include "amanat/program/layout.h"

namespace amanat::program {
namespace {

constexpr std::size_t kSectionNameMax = 64;

// Where the fields of the headers lie; addresses and offsets are `address` bytes wide.
struct Shape {
  std::size_t address;
  std::size_t header_size;
  std::size_t entry, segments, sections;  // in the file header
  std::size_t counts;                     // e_phentsize and the four 16-bit numbers after it
  std::size_t segment_size, segment_offset, segment_vaddr, segment_memory;
  std::size_t section_size, section_address, section_offset, section_bytes;
};
constexpr Shape kShape32{4, 52, 24, 28, 32, 42, 32, 4, 8, 20, 40, 12, 16, 20};
constexpr Shape kShape64{8, 64, 24, 32, 40, 54, 56, 8, 16, 40, 64, 16, 24, 32};

struct Header {
  std::uint64_t entry = 0;
  std::uint64_t segments = 0;
  std::uint64_t sections = 0;
  std::uint16_t segment_size = 0;
  std::uint16_t segment_count = 0;
  std::uint16_t section_size = 0;
  std::uint16_t section_count = 0;
  std::uint16_t names_index = 0;
};

std::uint64_t read_address(Fields& fields, const Shape& shape, std::uint64_t at) {
  return shape.address == 8 ? fields.u64(at) : fields.u32(at);
}

Header read_header(Fields& fields, const Shape& shape) {
  Header header;
  header.entry = read_address(fields, shape, shape.entry);
  header.segments = read_address(fields, shape, shape.segments);
  header.sections = read_address(fields, shape, shape.sections);
  header.segment_size = fields.u16(shape.counts);
  header.segment_count = fields.u16(shape.counts + 2);
  header.section_size = fields.u16(shape.counts + 4);
  header.section_count = fields.u16(shape.counts + 6);
  header.names_index = fields.u16(shape.counts + 8);
  return header;
}

// The entry point's place in the file, by the first segment that holds its address. Sums wrap at
// the width of an address.
Result<std::uint32_t> find_entry(Fields& fields, const Shape& shape, const Header& header) {
  if (header.segment_count > kElfSegmentsMax) {
    return fail(Code::invalid_input, "ELF: too many segments");
  }
  if (header.segment_count == 0 || header.entry == 0) return 0;
  const std::uint64_t table_size = header.segment_count * std::uint64_t{shape.segment_size};
  if (header.segment_size != shape.segment_size || !fields.holds(header.segments, table_size)) {
    return fail(Code::invalid_input, "ELF: the segment table is broken");
  }
  const std::uint64_t mask = shape.address == 8 ? ~std::uint64_t{0} : 0xffffffffU;
  for (std::uint64_t i = 0; i < header.segment_count; ++i) {
    const std::uint64_t at = header.segments + i * shape.segment_size;
    const std::uint64_t address = read_address(fields, shape, at + shape.segment_vaddr);
    const std::uint64_t size = read_address(fields, shape, at + shape.segment_memory);
    if (address > header.entry || ((address + size) & mask) <= header.entry) continue;
    const std::uint64_t offset = read_address(fields, shape, at + shape.segment_offset);
    return static_cast<std::uint32_t>(header.entry - address + offset);
  }
  return fail(Code::invalid_input, "ELF: no segment holds the entry point");
}

Section read_section(Fields& fields, const Shape& shape, std::uint64_t at) {
  const auto low = [&](std::size_t field) {
    return static_cast<std::uint32_t>(read_address(fields, shape, at + field));
  };
  Section section;
  section.rva = low(shape.section_address);
  section.raw_offset = low(shape.section_offset);
  section.raw_size = low(shape.section_bytes);
  section.flags = low(8);
  return section;
}

// Names are for people only, so a table that is broken leaves them empty.
void name_sections(Fields fields, const Shape& shape, const Header& header,
                   std::vector<Section>& sections) {
  if (header.names_index >= sections.size()) return;
  const Section table = sections[header.names_index];
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::uint32_t name = fields.u32(header.sections + i * shape.section_size);
    if (name >= table.raw_size) continue;
    const std::size_t size = std::min<std::size_t>(kSectionNameMax, table.raw_size - name);
    sections[i].name = name_from(fields.bytes(std::uint64_t{table.raw_offset} + name, size));
  }
}

}  // namespace

Result<Executable> read_elf(ByteView file) {
  Executable image;
  image.format = Format::elf;
  Fields identity(file);
  const std::uint8_t width = identity.u8(4);
  image.big_endian = identity.u8(5) != 1;
  if (width != 1 && width != 2) return fail(Code::invalid_input, "ELF: unknown class");
  image.bits = width == 1 ? 32 : 64;
  const Shape& shape = width == 1 ? kShape32 : kShape64;

  Fields fields(file, image.big_endian ? Fields::Order::big : Fields::Order::little);
  if (!fields.holds(0, shape.header_size)) return fail(Code::invalid_input, "ELF: header is cut");
  const Header header = read_header(fields, shape);
  const auto entry = find_entry(fields, shape, header);
  if (!entry) return carry(entry);
  image.entry_point = *entry;

  if (header.section_count > kElfSectionsMax) {
    return fail(Code::invalid_input, "ELF: too many sections");
  }
  const std::uint64_t table_size = header.section_count * std::uint64_t{shape.section_size};
  if (header.section_size != shape.section_size
      || (header.section_count > 0 && !fields.holds(header.sections, table_size))) {
    return fail(Code::invalid_input, "ELF: the section table is broken");
  }
  for (std::uint64_t i = 0; i < header.section_count; ++i) {
    image.sections.push_back(read_section(fields, shape, header.sections + i * shape.section_size));
  }
  name_sections(fields, shape, header, image.sections);
  return image;
}

}  // namespace amanat::program
