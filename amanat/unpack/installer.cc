#include "amanat/unpack/installer.h"

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/installshield.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {
using namespace std::string_view_literals;

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
  Bytes header(packed.begin(), packed.begin() + kPropertiesBytes);
  header.insert(header.end(), 8, 0xff);
  return decompress_lzma(header, packed.subspan(kPropertiesBytes), output);
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

}  // namespace

void unpack_installer(ByteView object, std::uint64_t end, Walk& walk) {
  const ByteView behind = part(object, end);
  if (behind.empty()) return;
  if (const auto mark = find(behind, kNsisMark); mark && *mark >= 4) {
    return unpack_nsis(object, end + *mark - 4, walk);
  }
  unpack_installshield(object, end, walk);
}

}  // namespace amanat::unpack
