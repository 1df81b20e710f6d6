// Installers of old Symbian phones (before 9): a table of files, each deflated or not.

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kHeaderBytes = 0x44;
constexpr std::uint16_t kUncompressed = 8;
constexpr std::uint32_t kLanguagesMax = 256;
constexpr std::uint32_t kSimple = 0;
constexpr std::uint32_t kMultilingual = 1;

std::string read_name(ByteView object, std::uint64_t at, std::uint64_t size) {
  std::string name;
  const ByteView wide = part(object, at, std::min<std::uint64_t>(size, 2 * kNameBytesMax));
  for (std::size_t i = 0; i + 1 < wide.size(); i += 2) {
    name.push_back(wide[i + 1] == 0 ? static_cast<char>(wide[i]) : '?');
  }
  return name;
}

}  // namespace

void unpack_sis(ByteView object, Walk& walk) {
  if (object.size() < kHeaderBytes) return walk.outcome.note(End::damaged, "the header is cut off");
  const std::uint32_t languages = little16(object, 0x12);
  const std::uint32_t files = little16(object, 0x14);
  const bool is_compressed = (little16(object, 0x24) & kUncompressed) == 0;
  if (languages > kLanguagesMax) return walk.outcome.note(End::damaged, "too many languages");
  Output output(walk.budget);
  std::size_t at = little32(object, 0x34);
  for (std::uint32_t i = 0; i < files && walk.goes_on(); ++i) {
    const std::uint32_t type = little32(object, at);
    if (type != kSimple && type != kMultilingual) {
      return walk.outcome.note(End::unsupported, "files under conditions are not read");
    }
    const std::uint32_t count = type == kMultilingual ? languages : 1;
    if (!has(object, at, 0x1c + 12ULL * count)) {
      return walk.outcome.note(End::damaged, "the table of files is cut off");
    }
    const std::string name =
        read_name(object, little32(object, at + 0x10), little32(object, at + 0xc));
    for (std::uint32_t n = 0; n < count; ++n) {
      const std::size_t numbers = at + 0x1c + 4ULL * n;
      const std::uint64_t packed_size = little32(object, numbers);
      const std::uint64_t position = little32(object, numbers + 4ULL * count);
      const std::uint64_t size = little32(object, numbers + 8ULL * count);
      const ByteView packed = part(object, position, packed_size);
      const Entry entry{
          .name = name, .packed_size = packed_size, .size = size, .position = position};
      End end = packed.size() == packed_size ? End::whole : End::damaged;
      if (!is_compressed) {
        if (!walk.give(entry, end, packed)) return;
        continue;
      }
      output.begin(packed.size());
      end = std::max(end, inflate_into(output, packed, Wrapping::zlib, size));
      if (!walk.give(entry, end, output)) return;
    }
    at += 0x1c + 12ULL * count + 8;
  }
}

}  // namespace amanat::unpack
