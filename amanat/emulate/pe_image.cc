#include "amanat/emulate/pe_image.h"

#include <algorithm>
#include <cmath>

#include "amanat/emulate/little.h"

namespace amanat::emulate {
namespace {

// Microsoft's PE Format: offsets from the signature "PE".
constexpr std::uint64_t kFileHeaderBytes = 24;
constexpr std::uint64_t kSectionBytes = 40;
constexpr std::uint64_t kOptionalBytes = 96;  // without directories
constexpr std::uint32_t kSector = 512;

constexpr std::uint32_t kPeMagic = 0x4550;
constexpr std::uint16_t kI386 = 0x14c;
constexpr std::uint16_t kPe32 = 0x10b;

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

ByteView part(ByteView bytes, std::uint64_t at, std::uint64_t size) {
  if (at >= bytes.size()) return {};
  return bytes.subspan(at, std::min<std::uint64_t>(size, bytes.size() - at));
}

std::optional<Section> read_section(ByteView file, std::uint64_t at) {
  Section section;
  std::ranges::copy(file.subspan(at, section.name.size()), section.name.begin());
  const std::uint32_t virtual_size = little32(file, at + 8);
  section.rva = little32(file, at + 12);
  const std::uint32_t raw_size = little32(file, at + 16);
  const std::uint32_t raw_offset = little32(file, at + 20);
  section.flags = little32(file, at + 36);
  const std::uint64_t size = round_up(virtual_size != 0 ? virtual_size : raw_size, kPageBytes);
  if (section.rva < kPageBytes || section.rva % kPageBytes != 0
      || section.rva + size > kImageBytesMax) {
    return std::nullopt;
  }
  section.size = static_cast<std::uint32_t>(size);
  if (raw_size == 0) return section;
  const std::uint64_t begin = raw_offset / kSector * kSector;
  const std::uint64_t end = round_up(std::uint64_t{raw_offset} + raw_size, kSector);
  section.content = part(file, begin, std::min(end - begin, size));
  return section;
}

// Bits of information in a byte, over the first part of the content.
double entropy(ByteView bytes) {
  constexpr std::size_t kBytesSeen = 64U << 10;
  bytes = bytes.first(std::min(bytes.size(), kBytesSeen));
  std::array<std::uint32_t, 256> counts{};
  for (const std::uint8_t byte : bytes) ++counts[byte];
  double sum = 0;
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(bytes.size());
    sum -= share * std::log2(share);
  }
  return sum;
}

}  // namespace

std::optional<PeImage> read_image(ByteView file) {
  constexpr std::uint16_t kMz = 0x5a4d;
  if (little16(file, 0) != kMz) return std::nullopt;
  const std::uint64_t pe = little32(file, 0x3c);
  const std::uint64_t optional = pe + kFileHeaderBytes;
  if (!has(file, pe, kFileHeaderBytes + kOptionalBytes) || little32(file, pe) != kPeMagic
      || little16(file, pe + 4) != kI386 || little16(file, optional) != kPe32) {
    return std::nullopt;
  }
  PeImage image;
  image.file = file;
  image.characteristics = little16(file, pe + 22);
  image.entry = little32(file, optional + 16);
  image.base = little32(file, optional + 28);
  image.subsystem = little16(file, optional + 68);
  image.header = part(file, 0, std::min(little32(file, optional + 60), kPageBytes));
  const std::uint64_t directories =
      std::min<std::uint64_t>(little32(file, optional + 92), kDirectories);
  for (std::uint64_t i = 0; i < directories; ++i) {
    const std::uint64_t at = optional + kOptionalBytes + 8 * i;
    image.directories[i] = {.rva = little32(file, at), .size = little32(file, at + 4)};
  }
  const std::uint16_t sections = little16(file, pe + 6);
  const std::uint64_t table = optional + little16(file, pe + 20);
  if (sections == 0 || sections > kSectionsMax || !has(file, table, sections * kSectionBytes)
      || image.base % kPageBytes != 0 || image.base < kPageBytes) {
    return std::nullopt;
  }
  for (std::uint64_t i = 0; i < sections; ++i) {
    auto section = read_section(file, table + i * kSectionBytes);
    if (!section) return std::nullopt;
    image.size = std::max(image.size, section->rva + section->size);
    image.sections.push_back(*section);
  }
  if (image.entry >= image.size) return std::nullopt;
  return image;
}

const Section* section_of(const PeImage& image, std::uint32_t rva) {
  const auto found =
      std::ranges::find_if(image.sections, [rva](const Section& s) { return s.holds(rva); });
  return found == image.sections.end() ? nullptr : &*found;
}

bool looks_packed(const PeImage& image) {
  if (image.directories[PeImage::kManaged].rva != 0 || image.entry == 0) return false;
  const Section* entry = section_of(image, image.entry);
  if (entry == nullptr || entry->is_writable()) return true;
  const auto code = std::ranges::find_if(image.sections, &Section::is_executable);
  if (code == image.sections.end() || &*code != entry) return true;
  const bool awaits_code = std::ranges::any_of(image.sections, [](const Section& section) {
    return section.is_executable() && section.content.empty();
  });
  // Code of compilers stays below 6.8; what is compressed or encrypted is above 7.5.
  constexpr double kNoise = 7.3;
  return awaits_code || entropy(entry->content) > kNoise;
}

bool map_image(const PeImage& image, Memory& memory) {
  if (!memory.map(image.base, kPageBytes, image.header, true)) return false;
  return std::ranges::all_of(image.sections, [&](const Section& section) {
    return section.size == 0
           || memory.map(image.base + section.rva, section.size, section.content, true);
  });
}

Bytes rebuild_image(const PeImage& image, std::uint32_t entry, const Memory& memory) {
  Bytes file(image.size);
  constexpr std::uint32_t kPe = 0x40;
  constexpr std::uint32_t kOptional = kPe + kFileHeaderBytes;
  constexpr std::uint32_t kOptionalWhole = kOptionalBytes + kDirectories * 8;
  const auto put16 = [&](std::size_t at, std::uint32_t value) { put_little(file, at, value, 2); };
  const auto put32 = [&](std::size_t at, std::uint32_t value) { put_little(file, at, value, 4); };
  put16(0, 0x5a4d);
  put32(0x3c, kPe);
  put32(kPe, kPeMagic);
  put16(kPe + 4, kI386);
  put16(kPe + 6, static_cast<std::uint32_t>(image.sections.size()));
  put16(kPe + 20, kOptionalWhole);
  put16(kPe + 22, image.characteristics);
  put16(kOptional, kPe32);
  put32(kOptional + 16, entry);
  put32(kOptional + 28, image.base);
  put32(kOptional + 32, kPageBytes);  // alignment in memory
  put32(kOptional + 36, kPageBytes);  // and in the file
  put16(kOptional + 40, 4);           // Windows 4
  put16(kOptional + 48, 4);
  put32(kOptional + 56, image.size);
  put32(kOptional + 60, kPageBytes);
  put16(kOptional + 68, image.subsystem);
  put32(kOptional + 92, kDirectories);
  for (std::size_t i = 0; i < kDirectories; ++i) {
    put32(kOptional + kOptionalBytes + 8 * i, image.directories[i].rva);
    put32(kOptional + kOptionalBytes + 8 * i + 4, image.directories[i].size);
  }
  std::size_t at = kOptional + kOptionalWhole;
  for (const Section& section : image.sections) {
    std::ranges::copy(section.name, file.begin() + static_cast<std::ptrdiff_t>(at));
    put32(at + 8, section.size);
    put32(at + 12, section.rva);
    put32(at + 16, section.size);
    put32(at + 20, section.size == 0 ? 0 : section.rva);
    put32(at + 36, section.flags);
    at += kSectionBytes;
  }
  memory.copy_out(image.base + kPageBytes, ByteSpan(file).subspan(kPageBytes));
  return file;
}

}  // namespace amanat::emulate
