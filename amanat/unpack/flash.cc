// Flash films: "CWS" is one deflated from the eighth byte on, "ZWS" one in LZMA.

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {

void unpack_flash(ByteView object, Walk& walk) {
  constexpr std::size_t kFrontBytes = 8;
  constexpr std::size_t kLzmaHeadBytes = 17;  // and packed size, properties
  if (object.size() < kFrontBytes || object[0] == 'F') return;
  Output output(walk.budget);
  output.begin(object.size());
  const std::uint64_t size = little32(object, 4);
  bool fits = output.add('F') && output.add(object.subspan(1, kFrontBytes - 1));
  End end = End::over_budget;
  if (fits && object[0] == 'C') {
    end = inflate_into(output, object.subspan(kFrontBytes), Wrapping::zlib,
                       size > kFrontBytes ? size - kFrontBytes : 0);
  } else if (fits) {
    if (object.size() < kLzmaHeadBytes) {
      return walk.outcome.note(End::damaged, "the header is cut off");
    }
    Bytes lone(object.begin() + 12, object.begin() + kLzmaHeadBytes);
    lone.insert(lone.end(), 8, 0xff);
    append(lone, object.subspan(kLzmaHeadBytes));
    end = decompress(Kind::lzma, lone, output);
  }
  walk.give({.packed_size = object.size(), .size = size, .kind = Kind::flash}, end, output);
}

}  // namespace amanat::unpack
