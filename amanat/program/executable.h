#pragma once

// How an executable file is laid out: what the offsets of body signatures count from, and what the
// signatures of sections and import tables are compared with.
//
// Positions mean what ClamAV 1.4 takes them to mean, oddities included, so that EP+n, Sx+n, SL+n,
// SEx and VI hit the same bytes (libclamav pe.c, elf.c, macho.c). All are offsets in the file, 32
// bits wide; sums wrap there too. Where the header does not make sense to ClamAV there is no layout
// and every relative offset, EOF-n too, matches nothing. In particular:
//
//   PE      sections begin and end on the file alignment, on 512 bytes when one of them begins on
//           that but not on the file alignment; what reaches past the end of the file is cut, and a
//           section that begins past it stays in the list with size 0
//   ELF     the sections are the section headers, the empty number 0 included; at most 256
//   Mach-O  the sections of all segments; the entry point is known for PowerPC only
//
// Hostile headers cost no more than their own length: counts meet their limits first.

#include <cstdint>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::program {

inline constexpr std::size_t kElfSegmentsMax = 128;
inline constexpr std::size_t kElfSectionsMax = 256;
inline constexpr std::size_t kMachoCommandsMax = 1'024;
inline constexpr std::size_t kMachoSegmentSectionsMax = 255;
inline constexpr std::size_t kSectionsMax = 65'535;  // of any executable
inline constexpr std::size_t kSlicesMax = 32;        // of a universal binary

enum class Format : std::uint8_t { elf, pe, macho };

/// One section, aligned and cut as above.
struct Section {
  std::string name;              // any bytes; at most 16 in PE and Mach-O, 64 in ELF
  std::uint32_t raw_offset = 0;  // where it begins in the file
  std::uint32_t raw_size = 0;    // how much of the file it takes
  std::uint32_t rva = 0;         // PE: from the image base; ELF and Mach-O: low half of the address
  std::uint32_t virtual_size = 0;  // 0 in ELF
  std::uint32_t flags = 0;         // as the format has them
};

/// The table of a PE image's optional header that says where something is.
struct DataDirectory {
  std::uint32_t rva = 0;
  std::uint32_t size = 0;
};

/// What only PE images have.
struct PeDetail {
  bool pe32plus = false;          // 64 bits
  bool library = false;           // a DLL
  std::uint32_t header_size = 0;  // rounded up to the section alignment
  std::uint32_t entry_rva = 0;
  std::vector<DataDirectory> directories;  // at most 16
  // Where in the file the strings of the version information begin (VI), ascending.
  std::vector<std::uint32_t> version_info;
  // Where the bytes begin that no section holds; the file's size when there are none.
  std::uint64_t overlay_offset = 0;
};

struct Executable {
  Format format = Format::elf;
  std::uint8_t bits = 32;
  bool big_endian = false;
  // Offset in the file of the entry point; 0 when it has none, and EP+n then counts from 0.
  std::uint32_t entry_point = 0;
  std::vector<Section> sections;
  PeDetail pe;
};

/// Reads the layout of an ELF, PE or Mach-O file by its magic number.
///
///   fails   not_found when it is none of them, a universal binary included (see read_slices)
///           invalid_input when the header is broken: relative offsets then match nothing
Result<Executable> read_executable(ByteView file);

/// One program of a universal binary, as positions in the file.
struct Slice {
  std::uint32_t processor = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;  // cut at the end of the file
};

/// Lists the programs in a universal (fat) Mach-O binary; each is an object of its own, and the
/// binary around them has no layout.
///
///   fails   not_found when it is none: Java classes begin with the same four bytes
///           invalid_input when a slice begins inside the header or past the end
Result<std::vector<Slice>> read_slices(ByteView file);

/// The file offset of something at `rva` in a PE image; not_found when no part of the file is
/// mapped there.
Result<std::uint32_t> file_offset(const Executable& image, std::uint32_t rva,
                                  std::size_t file_size);

/// The part of the file that a section takes; empty when it lies outside.
ByteView section_bytes(ByteView file, const Section& section);

}  // namespace amanat::program
