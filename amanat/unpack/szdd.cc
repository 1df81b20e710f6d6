// Files of Microsoft's COMPRESS.EXE ("SZDD"): LZSS with a window of 4 KiB that begins as spaces.

#include <array>

#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {

void unpack_szdd(ByteView object, Walk& walk) {
  constexpr std::size_t kFrontBytes = 14;  // magic, 'A', a letter of the name, size
  constexpr std::size_t kWindowBytes = 4096;
  constexpr std::size_t kFirstPlace = kWindowBytes - 16;
  if (object.size() < kFrontBytes) return walk.outcome.note(End::damaged, "the header is cut off");
  const std::uint32_t size = little32(object, 10);
  const ByteView packed = object.subspan(kFrontBytes);
  std::array<std::uint8_t, kWindowBytes> window{};
  window.fill(' ');
  Output output(walk.budget);
  output.begin(object.size());
  std::size_t place = kFirstPlace;
  bool fits = true;
  const auto put = [&](std::uint8_t byte) {
    window[place] = byte;
    place = (place + 1) % kWindowBytes;
    fits = output.add(byte);
  };
  std::size_t at = 0;
  while (fits && output.size() < size && at < packed.size()) {
    // One bit for each of the next eight items: 1 a byte, 0 a place and a length.
    for (std::uint32_t flags = packed[at++] | 0x100U; fits && flags != 1 && at < packed.size();
         flags >>= 1) {
      if ((flags & 1) != 0) {
        put(packed[at++]);
        continue;
      }
      if (!has(packed, at, 2)) break;
      std::size_t from = packed[at] | (packed[at + 1] & 0xf0U) << 4;
      for (std::size_t count = (packed[at + 1] & 15U) + 3; fits && count > 0; --count) {
        put(window[from]);
        from = (from + 1) % kWindowBytes;
      }
      at += 2;
    }
  }
  const End end = !fits ? End::over_budget : output.size() < size ? End::damaged : End::whole;
  output.cut(size);
  walk.give({.packed_size = object.size(), .size = size}, end, output);
}

}  // namespace amanat::unpack
