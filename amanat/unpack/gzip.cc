// gzip files (RFC 1952): members one after the other, and what may lie behind the last one.

#include <algorithm>

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

constexpr std::string_view kMagic = "\x1f\x8b\x08";

// The name that the first member says its content had.
std::string name_in(ByteView member) {
  constexpr std::uint8_t kHasExtra = 4;
  constexpr std::uint8_t kHasName = 8;
  if (member.size() < 10 || (member[3] & kHasName) == 0) return {};
  const std::size_t at = (member[3] & kHasExtra) != 0 ? 12 + little16(member, 10) : 10;
  const std::string_view rest = as_text(part(member, at, kNameBytesMax));
  return std::string(rest.substr(0, rest.find('\0')));
}

}  // namespace

void unpack_gzip(ByteView object, Walk& walk) {
  if (!is_at(object, 0, kMagic)) return walk.outcome.note(End::damaged, "this is no gzip file");
  Output output(walk.budget);
  output.begin(object.size());
  std::size_t at = 0;
  End end = End::whole;
  while (end == End::whole && is_at(object, at, kMagic)) {
    const ByteView member = object.subspan(at);
    std::size_t used = 0;
    // The last four bytes tell the size when there is one member, which is usual.
    const std::uint64_t claim = at == 0 ? little32(object, object.size() - 4) : 0;
    end = inflate_into(output, member, Wrapping::gzip, claim, &used);
    at += used;
  }
  const ByteView rest = part(object, at);
  const bool is_padding = std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
  const Entry entry{.name = name_in(object),
                    .packed_size = at,
                    .size = output.size(),
                    .crc = at >= 8 ? little32(object, at - 8) : 0};
  if (!walk.give(entry, end, output) || end != End::whole || is_padding) return;
  walk.give({.packed_size = rest.size(), .size = rest.size(), .position = at, .hidden = true},
            End::whole, rest);
}

}  // namespace amanat::unpack
