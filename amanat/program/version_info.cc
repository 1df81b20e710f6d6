// Where the strings of a PE image's version information lie: what the offset VI of body signatures
// stands for. A signature of this kind begins at a key, which is UTF-16, as is its value.
//
//   resources   type 16 (version) → any name → any language → data
//   data        VS_VERSION_INFO { VarFileInfo?, StringFileInfo { StringTable { String... }... } }
//
// Each node begins with its length, its value's length and its type, 16 bits each; then its key.

#include <algorithm>
#include <array>

#include "amanat/program/fields.h"
#include "amanat/program/layout.h"

namespace amanat::program {
namespace {

constexpr std::uint32_t kVersionType = 16;
constexpr std::size_t kResourceDirectory = 2;
constexpr std::size_t kVersionsMax = 16;
constexpr std::size_t kEntriesMax = 8'192;  // looked at in the resource directories
constexpr std::uint32_t kIsDirectory = 0x80000000;
constexpr std::uint32_t kNodeHeaderSize = 6;
constexpr std::uint32_t kFixedInfoMagic = 0xfeef04bd;
constexpr std::uint32_t kFixedInfoSize = 0x34;
constexpr std::uint32_t kTableHeaderSize = 24;  // with a key of eight digits
constexpr std::uint32_t kStringSizeMin = 6 + 2 + 8;

// Reads the tree of resources; each directory is 16 bytes and its entries of 8 bytes.
class Resources {
 public:
  Resources(ByteView file, const Executable& image)
      : fields_(file), image_(image), root_(image.pe.directories[kResourceDirectory].rva) {}

  /// Addresses of the data entries of all versions.
  std::vector<std::uint32_t> find_versions() {
    const auto types = open(0);
    if (!types) return {};
    // Entries with names come first; a type has a number.
    const std::uint64_t first = types->at + types->named * 8U;
    for (std::uint64_t i = 0; i < types->numbered && may_look(); ++i) {
      const std::uint64_t entry = first + i * 8;
      if (!fields_.holds(entry, 8)) break;
      const std::uint32_t below = fields_.u32(entry + 4);
      if (fields_.u32(entry) == kVersionType && (below & kIsDirectory) != 0) {
        read_names(below & ~kIsDirectory);
        break;
      }
    }
    return std::move(found_);
  }

 private:
  struct Directory {
    std::uint64_t at = 0;  // of its entries
    std::uint32_t named = 0;
    std::uint32_t numbered = 0;
    // Counted in 16 bits, as the sum of both is.
    std::uint16_t all() const { return static_cast<std::uint16_t>(named + numbered); }
  };

  std::optional<Directory> open(std::uint32_t offset) {
    const auto at = file_offset(image_, root_ + offset, fields_.size());
    if (!at || !fields_.holds(*at, 16)) return std::nullopt;
    return Directory{std::uint64_t{*at} + 16, fields_.u16(std::uint64_t{*at} + 12),
                     fields_.u16(std::uint64_t{*at} + 14)};
  }

  bool may_look() { return ++looked_at_ <= kEntriesMax && found_.size() < kVersionsMax; }

  void read_names(std::uint32_t offset) {
    const auto names = open(offset);
    for (std::uint64_t i = 0; names && i < names->all() && may_look(); ++i) {
      const std::uint64_t entry = names->at + i * 8;
      if (!fields_.holds(entry, 8)) return;
      const std::uint32_t below = fields_.u32(entry + 4);
      if ((below & kIsDirectory) != 0 && !read_languages(below & ~kIsDirectory)) return;
    }
  }

  bool read_languages(std::uint32_t offset) {
    const auto languages = open(offset);
    if (!languages) return false;
    for (std::uint64_t i = 0; i < languages->all() && may_look(); ++i) {
      const std::uint64_t entry = languages->at + i * 8;
      if (!fields_.holds(entry, 8)) return false;
      const std::uint32_t below = fields_.u32(entry + 4);
      if ((below & kIsDirectory) == 0) found_.push_back(root_ + below);
    }
    return true;
  }

  Fields fields_;
  const Executable& image_;
  std::uint32_t root_;
  std::size_t looked_at_ = 0;
  std::vector<std::uint32_t> found_;
};

// Walks one version resource. Sizes nest: a node that is larger than the one around it ends the
// walk, and so every position lies inside the resource.
class VersionReader {
 public:
  VersionReader(Fields fields, std::vector<std::uint32_t>& positions)
      : fields_(fields), positions_(positions) {}

  void read(std::uint64_t at, std::uint32_t size) {
    const std::uint32_t header_size =
        kNodeHeaderSize + utf16_size("VS_VERSION_INFO") + 2 + kFixedInfoSize;
    const std::uint32_t own_size = fields_.u16(at);
    if (own_size > size || own_size <= header_size || fields_.u16(at + 2) != kFixedInfoSize
        || !has_key(at, "VS_VERSION_INFO") || fields_.u32(at + 40) != kFixedInfoMagic) {
      return;
    }
    read_children(at + header_size, own_size - header_size);
  }

 private:
  static std::uint32_t utf16_size(std::string_view key) {
    return static_cast<std::uint32_t>(2 * key.size() + 2);  // with the zero
  }

  bool has_key(std::uint64_t node, std::string_view key) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (fields_.u16(node + kNodeHeaderSize + 2 * i) != static_cast<std::uint8_t>(key[i])) {
        return false;
      }
    }
    return fields_.u16(node + kNodeHeaderSize + 2 * key.size()) == 0;
  }

  void read_children(std::uint64_t at, std::uint32_t left) {
    const std::uint32_t variables_min = kNodeHeaderSize + utf16_size("VarFileInfo");
    std::uint32_t size = fields_.u16(at);
    // The languages may stand before the strings.
    if (left > kNodeHeaderSize && size <= left && size > variables_min
        && has_key(at, "VarFileInfo")) {
      at += size;
      left -= size;
      size = fields_.u16(at);
    }
    const std::uint32_t header_size = kNodeHeaderSize + utf16_size("StringFileInfo");
    if (left <= kNodeHeaderSize || size > left || size <= header_size
        || !has_key(at, "StringFileInfo")) {
      return;
    }
    read_tables(at + header_size, size - header_size);
  }

  void read_tables(std::uint64_t at, std::uint32_t left) {
    while (left > kNodeHeaderSize) {
      const std::uint32_t size = fields_.u16(at);
      if (size > left || size <= kTableHeaderSize) return;
      if (!read_strings(at + kTableHeaderSize, size - kTableHeaderSize)) return;
      at += size;
      left -= size;
    }
  }

  bool read_strings(std::uint64_t at, std::uint32_t left) {
    while (left > kNodeHeaderSize) {
      const std::uint32_t size = (fields_.u16(at) + 3U) & ~3U;
      if (size > left || size <= kStringSizeMin) return false;
      if (has_value(at, size)) {
        positions_.push_back(static_cast<std::uint32_t>(at + kNodeHeaderSize));
      }
      at += size;
      left -= size;
    }
    return true;
  }

  // Whether a key and more than its own zero fit into a string of `size` bytes.
  bool has_value(std::uint64_t at, std::uint32_t size) {
    std::uint32_t end = kNodeHeaderSize;
    while (end + 1 < size && fields_.u16(at + end) != 0) end += 2;
    if (end + 1 < size) end += 2;
    end = (end + 3) & ~3U;
    return end < size && size - end > 2;
  }

  Fields fields_;
  std::vector<std::uint32_t>& positions_;
};

}  // namespace

std::vector<std::uint32_t> find_version_info(ByteView file, const Executable& image) {
  const auto& directories = image.pe.directories;
  if (directories.size() <= kResourceDirectory || directories[kResourceDirectory].size == 0) {
    return {};
  }
  std::vector<std::uint32_t> positions;
  Fields fields(file);
  for (const std::uint32_t entry : Resources(file, image).find_versions()) {
    const auto at = file_offset(image, entry, file.size());
    if (!at || !fields.holds(*at, 16)) continue;
    const std::uint32_t size = fields.u32(std::uint64_t{*at} + 4);
    const auto data = file_offset(image, fields.u32(*at), file.size());
    if (!data || size <= 4 || !fields.holds(*data, size)) continue;
    VersionReader(fields, positions).read(*data, size);
  }
  std::ranges::sort(positions);
  const auto [last, end] = std::ranges::unique(positions);
  positions.erase(last, end);
  return positions;
}

}  // namespace amanat::program
