// ARJ archives: headers that begin with 60 EA, each with its data behind it.

#include <string>

#include "amanat/unpack/little.h"
#include "amanat/unpack/lzh.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

/// One header, read.
struct Header {
  std::string name;
  std::uint8_t flags = 0;
  std::uint8_t method = 0;
  std::uint8_t type = 0;
  std::uint64_t packed_size = 0;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  std::size_t end = 0;  // where the data begin
  bool is_last = false;
};

// Size of the header, of its first part, fields, name, comment, sum; then extended headers.
bool read_header(ByteView object, std::size_t at, Header& header) {
  constexpr std::size_t kFirstBytes = 30;
  constexpr std::size_t kHeaderBytesMax = 2600;
  if (!is_at(object, at, "\x60\xea") || !has(object, at, 4)) return false;
  const std::size_t size = little16(object, at + 2);
  header.is_last = size == 0;
  if (header.is_last) return true;
  if (size < kFirstBytes || size > kHeaderBytesMax || !has(object, at + 4, size + 6)) return false;
  const ByteView fields = object.subspan(at + 4, size);
  const std::string_view text = as_text(part(fields, fields[0]));
  header.name = text.substr(0, text.find('\0'));
  header.flags = fields[4];
  header.method = fields[5];
  header.type = fields[6];
  header.packed_size = little32(fields, 12);
  header.size = little32(fields, 16);
  header.crc = little32(fields, 20);
  at += 4 + size + 4;
  while (has(object, at, 2)) {
    const std::size_t more = little16(object, at);
    at += 2;
    if (more == 0) break;
    at += more + 4;
  }
  header.end = at;
  return true;
}

End unpack_method(const Header& header, ByteView packed, Output& output) {
  switch (header.method) {
    case 1:
    case 2:
    case 3: return decode_lzh(packed, header.size, output);
    case 4: return decode_arj_fastest(packed, header.size, output);
    default: return End::unsupported;
  }
}

}  // namespace

void unpack_arj(ByteView object, Walk& walk) {
  constexpr std::uint8_t kGarbled = 1;
  constexpr std::uint8_t kArchiveHeader = 2;
  constexpr std::uint8_t kFolder = 3;
  Output output(walk.budget);
  std::size_t at = 0;
  while (walk.goes_on()) {
    Header header;
    if (!read_header(object, at, header)) {
      return walk.outcome.note(End::damaged, "a header is missing");
    }
    if (header.is_last) return;
    at = header.end;
    if (header.type == kArchiveHeader) continue;
    const ByteView packed = part(object, at, header.packed_size);
    const Entry entry{.name = header.name,
                      .packed_size = header.packed_size,
                      .size = header.size,
                      .position = at,
                      .crc = header.crc,
                      .encrypted = (header.flags & kGarbled) != 0};
    at += header.packed_size;
    if (header.type == kFolder) continue;
    if (entry.encrypted) {
      if (!walk.give(entry, End::encrypted, packed)) return;
    } else if (header.method == 0) {
      const End end = packed.size() < header.packed_size ? End::damaged : End::whole;
      if (!walk.give(entry, end, packed)) return;
    } else {
      output.begin(packed.size());
      const End end = unpack_method(header, packed, output);
      if (!walk.give(entry, end, output)) return;
    }
  }
}

}  // namespace amanat::unpack
