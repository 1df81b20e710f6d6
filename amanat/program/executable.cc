#include "amanat/program/executable.h"

#include <algorithm>

#include "amanat/program/fields.h"
#include "amanat/program/layout.h"

namespace amanat::program {
namespace {

constexpr std::uint32_t kElfMagic = 0x7f454c46;  // read big-endian, as all below
constexpr std::uint32_t kUniversalMagic = 0xcafebabe;
constexpr std::uint32_t kUniversalMagicSwapped = 0xbebafeca;
constexpr std::uint16_t kJavaMinorVersionMin = 39;

bool is_macho(std::uint32_t magic) {
  return magic == 0xfeedface || magic == 0xfeedfacf || magic == 0xcefaedfe || magic == 0xcffaedfe;
}

}  // namespace

Result<Executable> read_executable(ByteView file) {
  Fields fields(file, Fields::Order::big);
  const std::uint32_t magic = fields.u32(0);
  if (fields.failed()) return fail(Code::not_found, "too short to be an executable");
  if (magic == kElfMagic) return read_elf(file);
  if (is_macho(magic)) return read_macho(file);
  // "MZ", or "ZM" of old.
  if (magic >> 16 == 0x4d5a || magic >> 16 == 0x5a4d) return read_pe(file);
  return fail(Code::not_found, "not an executable");
}

Result<std::vector<Slice>> read_slices(ByteView file) {
  const std::uint32_t magic = Fields(file, Fields::Order::big).u32(0);
  if (magic != kUniversalMagic && magic != kUniversalMagicSwapped) {
    return fail(Code::not_found, "not a universal binary");
  }
  Fields fields(file, magic == kUniversalMagic ? Fields::Order::big : Fields::Order::little);
  const std::uint32_t count = fields.u32(4);
  // Where a universal binary has its count, a Java class has its version, which began at 45.
  if ((count & 0xffff) >= kJavaMinorVersionMin) {
    return fail(Code::not_found, "a Java class, not a universal binary");
  }
  if (count > kSlicesMax) return fail(Code::invalid_input, "universal binary: too many programs");

  std::vector<Slice> slices;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = 8 + i * 20;
    Slice slice{fields.u32(at), fields.u32(at + 8), fields.u32(at + 12)};
    if (fields.failed() || slice.offset < at + 20 || slice.offset >= file.size()) {
      return fail(Code::invalid_input, "universal binary: a program lies outside the file");
    }
    slice.size =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(slice.size, file.size() - slice.offset));
    slices.push_back(slice);
  }
  return slices;
}

Result<std::uint32_t> file_offset(const Executable& image, std::uint32_t rva,
                                  std::size_t file_size) {
  if (rva < image.pe.header_size) {
    if (rva >= file_size) return fail(Code::not_found, "the header is cut before this address");
    return rva;
  }
  // The last section that holds the address counts.
  for (std::size_t i = image.sections.size(); i-- > 0;) {
    const Section& section = image.sections[i];
    if (section.rva <= rva && rva - section.rva < section.raw_size) {
      return rva - section.rva + section.raw_offset;
    }
  }
  return fail(Code::not_found, "no section holds this address");
}

ByteView section_bytes(ByteView file, const Section& section) {
  return Fields(file).bytes(section.raw_offset, section.raw_size);
}

std::string name_from(ByteView field) {
  return {field.begin(), std::ranges::find(field, std::uint8_t{0})};
}

}  // namespace amanat::program
