#include "amanat/unpack/shield_cabinet.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/little.h"

namespace amanat::unpack {
namespace {

constexpr std::uint32_t kShieldFilesMax = 100'000;
constexpr std::uint64_t kFileBytes = 0x57;

enum Flag : std::uint16_t { split = 1, masked = 2, packed = 4, absent = 8 };
constexpr std::uint8_t kHasTwinBefore = 1;  // the same bytes were listed already

/// What the list says about one file.
struct ShieldFile {
  std::string name;
  std::uint16_t flags = 0;
  std::uint64_t size = 0;
  std::uint64_t packed_size = 0;
  std::uint64_t position = 0;  // in its volume
  std::uint32_t volume = 0;
  bool is_twin = false;
};

// 1 in the highest byte: the version stands in four bits from 12 on; later writers put it there as
// a decimal number.
std::uint32_t major_version(std::uint32_t field) {
  return field >> 24 == 1 ? field >> 12 & 15 : (field & 0xffff) / 100;
}

ShieldFile read_file(ByteView header, std::uint64_t directory, std::uint64_t at) {
  const std::string_view name =
      as_text(part(header, directory + little32(header, at + 58), kNameBytesMax));
  return {.name = std::string(name.substr(0, name.find('\0'))),
          .flags = little16(header, at),
          .size = little64(header, at + 2),
          .packed_size = little64(header, at + 10),
          .position = little64(header, at + 18),
          .volume = little16(header, at + 85),
          .is_twin = (header[at + 84] & kHasTwinBefore) != 0};
}

End inflate_blocks(ByteView blocks, std::uint64_t size, Output& output) {
  std::size_t at = 0;
  while (at < blocks.size() && output.size() < size) {
    const std::size_t block = little16(blocks, at);
    if (!has(blocks, at, 2) || !has(blocks, at + 2, block)) return End::damaged;
    if (block > 0) {
      const End end = inflate_into(output, blocks.subspan(at + 2, block), Wrapping::raw, 0);
      if (end != End::whole) return end;
    }
    at += 2 + block;
  }
  return output.size() < size ? End::damaged : End::whole;
}

bool give_file(const ShieldFile& file, ByteView volume, Output& output, Walk& walk) {
  const ByteView bytes = part(volume, file.position, file.packed_size);
  const Entry entry{.name = file.name, .packed_size = file.packed_size, .size = file.size};
  if ((file.flags & (Flag::split | Flag::masked)) != 0) {
    return walk.give(entry, End::unsupported, bytes);
  }
  if ((file.flags & Flag::packed) == 0) {
    return walk.give(entry, bytes.size() < file.packed_size ? End::damaged : End::whole, bytes);
  }
  output.begin(bytes.size());
  const End end = inflate_blocks(bytes, file.size, output);
  return walk.give(entry, end, output);
}

/// Whether the bytes of this file are looked for in a volume.
bool lies_in_volume(const ShieldFile& file) {
  const bool is_beside = (file.flags & Flag::packed) == 0 && file.position == 0;
  return (file.flags & Flag::absent) == 0 && file.size > 0 && !file.is_twin && !is_beside;
}

}  // namespace

void unpack_shield_cabinet(ByteView header, std::span<const ShieldVolume> volumes, Walk& walk) {
  constexpr std::uint32_t kVersionMin = 6;
  constexpr std::uint64_t kListsBytes = 48;
  if (!is_at(header, 0, "ISc(")) return;
  if (major_version(little32(header, 4)) < kVersionMin) {
    return walk.outcome.note(End::unsupported, "an old InstallShield cabinet is not opened");
  }
  const std::uint64_t lists = little32(header, 12);
  if (!has(header, lists, kListsBytes)) {
    return walk.outcome.note(End::damaged, "the header of an InstallShield cabinet is cut off");
  }
  const std::uint64_t directory = lists + little32(header, lists + 12);
  const std::uint32_t count = little32(header, lists + 40);
  std::uint64_t at = directory + little32(header, lists + 44);
  if (count > kShieldFilesMax || !has(header, at, count * kFileBytes)) {
    walk.outcome.note(End::damaged, "the list of an InstallShield cabinet is cut off");
  }
  Output output(walk.budget);
  for (std::uint32_t i = 0; i < count && has(header, at, kFileBytes) && walk.goes_on(); ++i) {
    const ShieldFile file = read_file(header, directory, at);
    at += kFileBytes;
    if (!lies_in_volume(file)) continue;
    const auto volume = std::ranges::find(volumes, file.volume, &ShieldVolume::number);
    if (volume == volumes.end()) {
      walk.outcome.note(End::unsupported, "a volume of an InstallShield cabinet is elsewhere");
    } else if (!give_file(file, volume->bytes, output, walk)) {
      return;
    }
  }
}

}  // namespace amanat::unpack
