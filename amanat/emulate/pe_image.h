#pragma once

// A program for Windows on 32 bits as its loader reads it, and written back from memory.
//
// program/executable.h reads the same header as ClamAV does, since signatures count from there.
// Packers live in what only Windows accepts, so here the rules are those of its loader: sections
// begin in the file on 512 bytes whatever they say, headers may lie over each other.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/emulate/memory.h"

namespace amanat::emulate {

inline constexpr std::size_t kSectionsMax = 64;
inline constexpr std::uint32_t kImageBytesMax = 256U << 20;
inline constexpr std::size_t kDirectories = 16;

struct Section {
  std::array<std::uint8_t, 8> name{};
  std::uint32_t rva = 0;   // from the image base
  std::uint32_t size = 0;  // in memory, in whole pages
  std::uint32_t flags = 0;
  ByteView content;  // the part of the file that it begins with; borrowed

  bool is_writable() const { return (flags & 0x8000'0000) != 0; }
  bool is_executable() const { return (flags & 0x2000'0020) != 0; }
  bool holds(std::uint32_t at) const { return at >= rva && at - rva < size; }
};

struct Directory {
  std::uint32_t rva = 0;
  std::uint32_t size = 0;
};

struct PeImage {
  std::uint32_t base = 0;
  std::uint32_t entry = 0;  // from the base
  std::uint32_t size = 0;   // the end of the last section
  std::uint16_t subsystem = 0;
  std::uint16_t characteristics = 0;
  ByteView file;    // borrowed
  ByteView header;  // likewise
  std::array<Directory, kDirectories> directories{};
  std::vector<Section> sections;

  static constexpr std::size_t kImports = 1;
  static constexpr std::size_t kManaged = 14;  // the header of .NET
  bool is_library() const { return (characteristics & 0x2000) != 0; }
};

/// Nothing when it is no PE32 image for the i386, or no loader would take it, or it is more than
/// the limits above.
std::optional<PeImage> read_image(ByteView file);

/// The section that holds a place; nullptr for the header and for gaps.
const Section* section_of(const PeImage& image, std::uint32_t rva);

/// Whether a stub may have to run before the program stands in memory: the entry is outside of the
/// first section of code or in a writable one, code is to come into an empty section, or the
/// section of the entry looks like noise. Most programs that compilers make are told apart by
/// their header alone.
bool looks_packed(const PeImage& image);

/// Lets `memory` begin with the program as the loader puts it there; false when it does not fit.
bool map_image(const PeImage& image, Memory& memory);

/// The program as it stands in `memory`: a header made for it, and its sections, which lie in the
/// file where they lie in memory. The header is plain, so that everybody reads it the same way.
Bytes rebuild_image(const PeImage& image, std::uint32_t entry, const Memory& memory);

}  // namespace amanat::emulate
