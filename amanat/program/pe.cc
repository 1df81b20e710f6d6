// Portable Executable images (Microsoft's PE and COFF specification), aligned as ClamAV aligns
// them: see executable.h.

#include <algorithm>

#include "amanat/program/fields.h"
#include "amanat/program/layout.h"

namespace amanat::program {
namespace {

constexpr std::uint32_t kNtMagic = 0x00004550;  // "PE", 0, 0
constexpr std::size_t kFileHeaderSize = 24;     // the magic included
constexpr std::size_t kOptionalHeaderSize = 96;
constexpr std::size_t kOptionalHeaderSizePlus = 112;
constexpr std::size_t kSectionHeaderSize = 40;
constexpr std::uint16_t kPlusMagic = 0x20b;
constexpr std::uint16_t kIsLibrary = 0x2000;
constexpr std::uint32_t kDirectoriesMax = 16;
constexpr std::uint32_t kSectorSize = 0x200;

// Down and up to a multiple, 0 standing for no alignment. Sums wrap.
std::uint32_t align_down(std::uint32_t value, std::uint32_t unit) {
  return unit == 0 ? value : value / unit * unit;
}
std::uint32_t align_up(std::uint32_t value, std::uint32_t unit) {
  return unit == 0 ? value : (value / unit + (value % unit != 0 ? 1 : 0)) * unit;
}

struct Headers {
  std::uint64_t sections_at = 0;
  std::uint16_t section_count = 0;
  std::uint32_t section_alignment = 0;
  std::uint32_t file_alignment = 0;
};

Result<Headers> read_headers(Fields& fields, Executable& image) {
  const std::uint32_t at = fields.u32(60);
  if (fields.failed() || at == 0 || fields.u32(at) != kNtMagic
      || !fields.holds(at, kFileHeaderSize)) {
    return fail(Code::invalid_input, "PE: there is no header");
  }
  Headers headers;
  headers.section_count = fields.u16(std::uint64_t{at} + 6);
  const std::uint16_t optional_size = fields.u16(std::uint64_t{at} + 20);
  image.pe.library = (fields.u16(std::uint64_t{at} + 22) & kIsLibrary) != 0;
  if (headers.section_count == 0) return fail(Code::invalid_input, "PE: no sections");

  const std::uint64_t optional = std::uint64_t{at} + kFileHeaderSize;
  image.pe.pe32plus = fields.u16(optional) == kPlusMagic;
  image.bits = image.pe.pe32plus ? 64 : 32;
  const std::size_t fixed = image.pe.pe32plus ? kOptionalHeaderSizePlus : kOptionalHeaderSize;
  image.pe.entry_rva = fields.u32(optional + 16);
  headers.section_alignment = fields.u32(optional + 32);
  headers.file_alignment = fields.u32(optional + 36);
  image.pe.header_size = align_up(fields.u32(optional + 60), headers.section_alignment);
  const std::uint32_t count = std::min(fields.u32(optional + fixed - 4), kDirectoriesMax);
  if (!fields.holds(optional, fixed) || optional_size < fixed + count * 8U) {
    return fail(Code::invalid_input, "PE: the optional header is too short");
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t entry = optional + fixed + i * 8U;
    image.pe.directories.push_back({fields.u32(entry), fields.u32(entry + 4)});
  }
  headers.sections_at = optional + optional_size;
  if (fields.failed()
      || !fields.holds(headers.sections_at, headers.section_count * kSectionHeaderSize)) {
    return fail(Code::invalid_input, "PE: the section table is cut");
  }
  return headers;
}

// Some linkers write a file alignment they do not keep to.
std::uint32_t choose_alignment(Fields& fields, const Headers& headers) {
  for (std::uint64_t i = 0; i < headers.section_count; ++i) {
    const std::uint64_t at = headers.sections_at + i * kSectionHeaderSize;
    const std::uint32_t offset = fields.u32(at + 20);
    if (headers.file_alignment != 0 && fields.u32(at + 16) != 0
        && offset % headers.file_alignment != 0 && offset % kSectorSize == 0) {
      return kSectorSize;
    }
  }
  return headers.file_alignment;
}

// What the header says of a section before it is aligned.
struct Stored {
  std::uint32_t rva, virtual_size, offset, size;
};

Result<Section> read_section(Fields& fields, std::uint64_t at, std::uint32_t section_alignment,
                             std::uint32_t file_alignment) {
  Stored stored{fields.u32(at + 12), fields.u32(at + 8), fields.u32(at + 20), fields.u32(at + 16)};
  Section section;
  section.name = name_from(fields.bytes(at, 8));
  section.rva = align_down(stored.rva, section_alignment);
  section.virtual_size = align_up(stored.virtual_size, section_alignment);
  section.raw_offset = align_down(stored.offset, file_alignment);
  section.raw_size = align_up(stored.size, file_alignment);
  section.flags = fields.u32(at + 36);

  const std::size_t end = fields.size();
  if (section.raw_size != 0 && (section.raw_offset >= end || stored.offset >= end)) {
    section.raw_size = 0;
    stored.size = 0;
  } else if (section.raw_size != 0) {
    const auto cut = [end](std::uint32_t offset, std::uint32_t size) {
      return static_cast<std::uint32_t>(std::min<std::uint64_t>(size, end - offset));
    };
    section.raw_size = cut(section.raw_offset, section.raw_size);
    stored.size = cut(stored.offset, stored.size);
  }
  if (section.virtual_size == 0 && section.raw_size != 0) {
    section.virtual_size = align_up(stored.size, section_alignment);
  }
  const std::uint32_t offset = section.raw_size == 0 ? 0 : stored.offset;
  if ((stored.rva | stored.virtual_size | stored.size | offset) >> 31 != 0) {
    return fail(Code::invalid_input, "PE: a section is larger than any program");
  }
  return section;
}

std::uint64_t find_overlay(const std::vector<Section>& sections, std::size_t file_size) {
  std::uint64_t end = 0;
  for (const Section& section : sections) {
    if (section.raw_size == 0) continue;
    end = std::max(end, std::uint64_t{section.raw_offset} + section.raw_size);
  }
  return end == 0 ? file_size : std::min<std::uint64_t>(end, file_size);
}

}  // namespace

Result<Executable> read_pe(ByteView file) {
  Executable image;
  image.format = Format::pe;
  Fields fields(file);
  const auto headers = read_headers(fields, image);
  if (!headers) return carry(headers);

  const std::uint32_t file_alignment = choose_alignment(fields, *headers);
  for (std::uint64_t i = 0; i < headers->section_count; ++i) {
    auto section = read_section(fields, headers->sections_at + i * kSectionHeaderSize,
                                headers->section_alignment, file_alignment);
    if (!section) return carry(section);
    image.sections.push_back(std::move(*section));
  }
  const auto entry = file_offset(image, image.pe.entry_rva, file.size());
  if (!entry) return fail(Code::invalid_input, "PE: no section holds the entry point");
  image.entry_point = *entry;
  image.pe.overlay_offset = find_overlay(image.sections, file.size());
  image.pe.version_info = find_version_info(file, image);
  return image;
}

}  // namespace amanat::program
