#include "amanat/unpack/installer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {
using namespace std::string_view_literals;

constexpr std::size_t kFilesMax = 16'384;

// NSIS: flags, this mark, the size of the unpacked header, the size of all that follows; then
// blocks, each with its size in front, whose highest bit says packed. "Solid" ones are one stream
// in which the unpacked blocks stand.
constexpr std::string_view kNsisMark = "\xef\xbe\xad\xdeNullsoftInst"sv;
constexpr std::size_t kNsisHeadBytes = 28;

bool starts_like_lzma(ByteView bytes) {
  return bytes.size() > 6 && bytes[0] == 0x5d && little16(bytes, 1) == 0 && bytes[5] == 0;
}

// LZMA as NSIS writes it: properties and stream, no size.
End unpack_nsis_block(ByteView packed, Output& output) {
  constexpr std::size_t kPropertiesBytes = 5;
  if (!starts_like_lzma(packed)) return inflate_into(output, packed, Wrapping::raw, 0);
  Bytes lone(packed.begin(), packed.begin() + kPropertiesBytes);
  lone.insert(lone.end(), 8, 0xff);
  append(lone, packed.subspan(kPropertiesBytes));
  return decompress(Kind::lzma, lone, output);
}

void unpack_nsis(ByteView object, std::size_t at, Walk& walk) {
  constexpr std::uint32_t kPacked = 0x8000'0000;
  const ByteView data = part(object, at + kNsisHeadBytes, little32(object, at + 24));
  Output output(walk.budget);
  const std::uint32_t first = little32(data, 0);
  const bool is_solid = starts_like_lzma(data) || !has(data, 4, first & ~kPacked);
  if (is_solid) {
    output.begin(data.size());
    const End end = unpack_nsis_block(data, output);
    walk.outcome.note(output.size() == 0    ? End::unsupported
                      : end == End::damaged ? End::whole
                                            : end);
    const ByteView blocks = output.bytes();
    for (std::size_t block = 0; has(blocks, block, 4) && walk.goes_on();) {
      const std::uint64_t size = little32(blocks, block);
      const ByteView content = part(blocks, block + 4, size);
      if (!content.empty()
          && !walk.give({.size = size}, content.size() < size ? End::damaged : End::whole,
                        content)) {
        return;
      }
      block += 4 + size;
    }
    return;
  }
  for (std::size_t block = 0; has(data, block, 4) && walk.goes_on();) {
    const std::uint32_t word = little32(data, block);
    const std::uint64_t size = word & ~kPacked;
    const ByteView packed = part(data, block + 4, size);
    const Entry entry{
        .packed_size = size, .size = size, .position = at + kNsisHeadBytes + block + 4};
    block += 4 + size;
    if (packed.empty()) continue;
    if ((word & kPacked) == 0) {
      if (!walk.give(entry, packed.size() < size ? End::damaged : End::whole, packed)) return;
      continue;
    }
    output.begin(packed.size());
    const End end = unpack_nsis_block(packed, output);
    if (output.size() == 0) {
      walk.outcome.note(End::unsupported, "an installer's blocks are packed in an unknown way");
    } else if (!walk.give(entry, end, output)) {
      return;
    }
  }
}

// InstallShield's "InstallShield\0": a count, then for each file 260 bytes of name, numbers of
// which the third is the packed size, and the file: deflated, its nibbles swapped, and masked with
// the name.
void unpack_installshield_packed(ByteView object, std::size_t at, Walk& walk) {
  constexpr std::size_t kHeadBytesHere = 0x2e;
  constexpr std::size_t kNameBytes = 0x104;
  constexpr std::size_t kFileBytes = kNameBytes + 0x34;
  constexpr std::size_t kMaskPeriod = 1024;
  constexpr auto kMask = std::to_array<std::uint8_t>({0xec, 0xca, 0x79, 0xf8});
  const std::size_t count = std::min<std::size_t>(little16(object, at + 14), kFilesMax);
  at += kHeadBytesHere;
  Output output(walk.budget);
  for (std::size_t i = 0; i < count && has(object, at, kFileBytes) && walk.goes_on(); ++i) {
    const std::string_view field = as_text(object.subspan(at, kNameBytes));
    const std::string name(field.substr(0, field.find('\0')));
    const std::uint64_t size = little64(object, at + kNameBytes + 8);
    const ByteView packed = part(object, at + kFileBytes, size);
    Entry entry{.name = name, .packed_size = size, .position = at + kFileBytes};
    at += kFileBytes + std::min<std::uint64_t>(size, object.size());
    if (name.empty() || packed.empty()) continue;
    Bytes plain(packed.begin(), packed.end());
    for (std::size_t n = 0; n < plain.size(); ++n) {
      const std::size_t place = n % kMaskPeriod % name.size();
      const auto key = static_cast<std::uint8_t>(static_cast<std::uint8_t>(name[place])
                                                 ^ kMask[place % kMask.size()]);
      plain[n] = static_cast<std::uint8_t>((plain[n] << 4 | plain[n] >> 4) ^ key);
    }
    output.begin(packed.size());
    const End end = inflate_into(output, plain, Wrapping::zlib, packed.size() * 4);
    entry.size = output.size();
    if (!walk.give(std::move(entry), end, output)) return;
  }
}

// InstallShield's older one: name, path, version and size as texts, each ended by a zero; the file.
struct PlainFile {
  std::string_view name;
  std::uint64_t size = 0;
  std::size_t begin = 0;
};
std::optional<PlainFile> read_plain_file(ByteView object, std::size_t at) {
  std::array<std::string_view, 4> texts;
  for (std::string_view& text : texts) {
    const std::string_view rest = as_text(part(object, at, kNameBytesMax));
    const std::size_t end = rest.find('\0');
    if (end == rest.npos || end == 0) return std::nullopt;
    text = rest.substr(0, end);
    at += end + 1;
  }
  constexpr std::size_t kDigitsMax = 12;
  PlainFile file{.name = texts[0], .begin = at};
  if (texts[3].size() > kDigitsMax) return std::nullopt;
  for (const char c : texts[3]) {
    if (c < '0' || c > '9') return std::nullopt;
    file.size = file.size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return file;
}

void unpack_installshield_plain(ByteView object, std::size_t at, Walk& walk) {
  for (std::size_t i = 0; i < kFilesMax && walk.goes_on(); ++i) {
    const auto file = read_plain_file(object, at);
    if (!file) return;
    const ByteView content = part(object, file->begin, file->size);
    const End end = content.size() < file->size ? End::damaged : End::whole;
    if (!walk.give({.name = std::string(file->name),
                    .packed_size = file->size,
                    .size = file->size,
                    .position = file->begin},
                   end, content)) {
      return;
    }
    at = file->begin + content.size();
  }
}

}  // namespace

void unpack_installer(ByteView object, std::uint64_t end, Walk& walk) {
  const ByteView behind = part(object, end);
  if (behind.empty()) return;
  if (const auto mark = find(behind, kNsisMark); mark && *mark >= 4) {
    return unpack_nsis(object, end + *mark - 4, walk);
  }
  if (const auto mark = find(behind, "InstallShield\0"sv)) {
    return unpack_installshield_packed(object, end + *mark, walk);
  }
  unpack_installshield_plain(object, end, walk);
}

}  // namespace amanat::unpack
