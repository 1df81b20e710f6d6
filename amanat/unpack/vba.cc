#include "amanat/unpack/vba.h"

#include <algorithm>

#include "amanat/unpack/little.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kChunkBytes = 4096;
constexpr std::uint8_t kContainerMark = 1;

// How many of the 16 bits of a copy token are its offset: as many as the place needs, 4 to 12.
unsigned offset_bits(std::size_t place) {
  unsigned bits = 4;
  while ((std::size_t{1} << bits) < place) ++bits;
  return bits;
}

// Flag bytes, each with eight tokens: a byte, or a place and length seen in the same chunk.
End decompress_chunk(ByteView packed, Output& output) {
  const std::size_t start = output.size();
  for (std::size_t at = 0; at < packed.size();) {
    std::uint32_t flags = packed[at++];
    for (int i = 0; i < 8 && at < packed.size(); ++i, flags >>= 1) {
      if ((flags & 1) == 0) {
        if (!output.add(packed[at++])) return End::over_budget;
        continue;
      }
      const std::size_t place = output.size() - start;
      if (!has(packed, at, 2) || place == 0) return End::damaged;
      const std::uint32_t token = little16(packed, at);
      at += 2;
      const unsigned bits = offset_bits(place);
      const std::size_t count = (token & (0xffffU >> bits)) + 3;
      const std::size_t distance = (token >> (16 - bits)) + 1;
      if (distance > place) return End::damaged;
      if (place + count > kChunkBytes) return End::damaged;
      if (!output.copy(distance, count)) return End::over_budget;
    }
  }
  return End::whole;
}

// Records of the dir stream: a number, a size, as many bytes.
constexpr std::uint16_t kStreamName = 0x001a;
constexpr std::uint16_t kSourceOffset = 0x0031;
constexpr std::uint16_t kProjectVersion = 0x0009;  // whose size is a lie by two

}  // namespace

End decompress_vba(ByteView packed, Output& output) {
  constexpr std::uint16_t kCompressed = 0x8000;
  if (packed.empty() || packed[0] != kContainerMark) return End::damaged;
  std::size_t at = 1;
  while (has(packed, at, 2)) {
    const std::uint16_t header = little16(packed, at);
    if ((header >> 12 & 7) != 3) return at == 1 ? End::damaged : End::whole;
    const std::size_t size = (header & 0xfffU) + 1;  // without the header
    const ByteView chunk = part(packed, at + 2, size);
    if ((header & kCompressed) == 0) {
      if (!output.add(chunk)) return End::over_budget;
    } else {
      const End end = decompress_chunk(chunk, output);
      if (end != End::whole) return end;
    }
    if (chunk.size() < size) return End::damaged;
    at += 2 + size;
  }
  return output.size() == 0 ? End::damaged : End::whole;
}

std::vector<VbaModule> read_vba_modules(ByteView dir) {
  std::vector<VbaModule> modules;
  std::string stream;
  for (std::size_t at = 0; has(dir, at, 6) && modules.size() < kVbaModulesMax;) {
    const std::uint16_t id = little16(dir, at);
    const std::uint64_t size = id == kProjectVersion ? 6 : little32(dir, at + 2);
    const ByteView value = part(dir, at + 6, size);
    if (id == kStreamName) stream = std::string(as_text(value));
    if (id == kSourceOffset && value.size() == 4 && !stream.empty()) {
      modules.push_back({.stream = std::exchange(stream, {}), .offset = little32(value, 0)});
    }
    at += 6 + size;
  }
  return modules;
}

std::size_t find_vba_source(ByteView stream) {
  // Every module begins with "Attribute VB_Name"; so early nothing can be a copy but the second
  // "t" pair, so the letters stand there as they are, a flag byte before each eight.
  using namespace std::string_view_literals;
  for (auto at = find(stream, "\0Attribut\0e "sv); at;
       at = find(stream, "\0Attribut\0e "sv, *at + 1)) {
    if (*at >= 3 && stream[*at - 3] == kContainerMark && (stream[*at - 1] & 0xf0) == 0xb0) {
      return *at - 3;
    }
  }
  return std::string_view::npos;
}

}  // namespace amanat::unpack
