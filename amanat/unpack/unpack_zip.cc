// ZIP archives as Android sees them, and as those see them who read from the front.
//
// The directory at the end decides what is looked at. But whoever reads the headers in front of the
// entries, or ignores the directory, sees other things: an entry whose two headers disagree is
// looked at both ways, and what lies between the listed entries is looked for by its magic. Entries
// that overlap (a bomb of a few bytes that unpacks to petabytes) each cost what they cost, until
// the budget ends; the same bytes listed twice are looked at once.

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include <libdeflate.h>

#include "amanat/unpack/explode.h"
#include "amanat/unpack/inflate.h"
#include "amanat/unpack/inflate64.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"
#include "amanat/unpack/zip.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kLocalBytes = 30;
constexpr std::string_view kLocalMagic = "PK\3\4";

// APPNOTE 4.4.5.
enum Method : std::uint16_t {
  stored = 0,
  imploded = 6,
  deflated = 8,
  deflated64 = 9,
  bzip2 = 12,
  lzma = 14,
  zstd = 93,
  xz = 95,
  aes = 99,
};

/// How to read some packed bytes.
struct Packing {
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
  std::uint64_t size_claimed = 0;
};

// LZMA in ZIP: version, length of the properties, properties (5 bytes), stream. The header of a
// lone .lzma file has the properties and a size, all ones for "until the end mark".
End unpack_lzma(ByteView packed, std::uint64_t size, Output& output) {
  constexpr std::size_t kFrontBytes = 9;
  if (packed.size() < kFrontBytes || little16(packed, 2) != 5) return End::damaged;
  Bytes header(packed.begin() + 4, packed.begin() + kFrontBytes);
  for (int i = 0; i < 8; ++i) header.push_back(static_cast<std::uint8_t>(size >> 8 * i));
  return decompress_lzma(header, packed.subspan(kFrontBytes), output);
}

bool is_known(std::uint16_t method) {
  switch (method) {
    case stored:
    case imploded:
    case deflated:
    case deflated64:
    case bzip2:
    case lzma:
    case zstd:
    case xz: return true;
    default: return false;
  }
}

End unpack_packed(ByteView packed, const Packing& packing, Output& output) {
  switch (packing.method) {
    case imploded: return explode(packed, packing.flags, packing.size_claimed, output);
    case deflated: return inflate_into(output, packed, Wrapping::raw, packing.size_claimed);
    case deflated64: return inflate64(packed, output);
    case bzip2: return decompress(Kind::bzip2, packed, output);
    case lzma: return unpack_lzma(packed, packing.size_claimed, output);
    case zstd: return decompress(Kind::zstd, packed, output);
    case xz: return decompress(Kind::xz, packed, output);
    default: return End::unsupported;
  }
}

class ZipWalk {
 public:
  ZipWalk(ByteView object, Walk& walk) : object_(object), walk_(walk), output_(walk.budget) {}

  void run() {
    const auto zip = Zip::open(read_from(object_), object_.size());
    if (zip) {
      if (!zip->listing_problem().empty()) {
        walk_.outcome.note(End::damaged, "the archive's directory is not whole");
      }
      for (const ZipEntry& entry : zip->entries()) {
        if (!look_at(*zip, entry)) return;
      }
    } else {
      walk_.outcome.note(End::damaged, "the archive has no directory");
    }
    look_between();
  }

 private:
  struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  bool look_at(const Zip& zip, const ZipEntry& listed) {
    if (!walk_.goes_on()) return false;
    Entry entry{.name = listed.name,
                .packed_size = listed.packed_size,
                .size = listed.size,
                .crc = listed.crc,
                .encrypted = listed.encrypted};
    auto data = zip.data_offset(listed);
    bool cut = false;
    if (!data) {
      // Perhaps its size alone is a lie, and what is there can be read.
      const auto start = zip.data_offset({.header_offset = listed.header_offset});
      if (!start || *start == object_.size()) {
        if (listed.is_folder()) return true;
        return walk_.give(std::move(entry), End::damaged, ByteView());
      }
      data = *start;
      cut = true;
    }
    const ByteView packed = part(object_, *data, listed.packed_size);
    const std::uint64_t header = listed.header_offset + zip.shift();
    spans_.push_back({.begin = header, .end = *data + packed.size()});
    if (listed.is_folder() && packed.empty()) return true;
    entry.position = *data;
    const Packing packing{.method = listed.method,
                          .flags = little16(object_, header + 6),
                          .size_claimed = listed.size};
    if (!seen_.emplace(*data, packed.size(), listed.method).second) return true;
    if (!give(entry, packed, packing, cut)) return false;
    return look_at_other_story(entry, header, packing);
  }

  // Some read the header in front of the entry only.
  bool look_at_other_story(const Entry& listed, std::uint64_t header, const Packing& told) {
    constexpr std::uint16_t kSizesFollow = 8;
    if (!is_at(object_, header, kLocalMagic)) return true;
    const std::uint16_t flags = little16(object_, header + 6);
    const std::uint16_t method = little16(object_, header + 8);
    const std::uint32_t packed_size = little32(object_, header + 18);
    const std::uint32_t size = little32(object_, header + 22);
    const bool sizes_differ = (flags & kSizesFollow) == 0 && packed_size != 0xffffffff
                              && packed_size != 0 && packed_size != listed.packed_size;
    if (method == told.method && !sizes_differ) return true;
    const ByteView packed =
        part(object_, listed.position, sizes_differ ? packed_size : listed.packed_size);
    if (!is_known(method) || packed.empty()) return true;
    if (!seen_.emplace(listed.position, packed.size(), method).second) return true;
    Entry other = listed;
    other.hidden = true;
    other.packed_size = packed.size();
    walk_.outcome.note(End::damaged, "an entry has two headers that disagree");
    return give(other, packed, {.method = method, .flags = flags, .size_claimed = size}, false);
  }

  bool give(const Entry& entry, ByteView packed, const Packing& packing, bool cut) {
    if (packing.method == stored || (!is_known(packing.method) && packing.method != aes)) {
      // Android takes every method that it does not know as stored.
      End end = packing.method == stored ? End::whole : End::unsupported;
      if (cut) end = End::damaged;
      if (entry.encrypted && !sum_holds(entry, packed)) end = std::max(end, End::encrypted);
      return walk_.give(entry, end, packed);
    }
    if (packing.method == aes) return walk_.give(entry, End::encrypted, packed);
    output_.begin(packed.size());
    End end = unpack_packed(packed, packing, output_);
    if (entry.encrypted && (end != End::whole || !sum_holds(entry, output_.bytes()))) {
      return walk_.give(entry, End::encrypted, packed);
    }
    if (end == End::whole && cut) end = End::damaged;
    return walk_.give(entry, end, output_);
  }

  // The flag says encrypted and Android ignores it: the sum tells who is right.
  static bool sum_holds(const Entry& entry, ByteView content) {
    return libdeflate_crc32(0, content.data(), content.size()) == entry.crc;
  }

  // Headers that no directory lists, in the gaps between what was listed.
  void look_between() {
    std::ranges::sort(spans_, {}, &Span::begin);
    std::uint64_t at = 0;
    std::size_t next = 0;
    while (walk_.goes_on()) {
      while (next < spans_.size() && spans_[next].begin <= at) {
        at = std::max(at, spans_[next++].end);
      }
      const std::uint64_t end = next < spans_.size() ? spans_[next].begin : object_.size();
      const auto found = find(object_.first(end), kLocalMagic, at);
      if (!found) {
        if (next == spans_.size()) return;
        at = end;
        continue;
      }
      at = look_at_hidden(*found, end);
    }
  }

  // Returns where to go on.
  std::uint64_t look_at_hidden(std::uint64_t header, std::uint64_t end) {
    if (!has(object_, header, kLocalBytes)) return header + 1;
    const std::uint16_t flags = little16(object_, header + 6);
    const std::uint16_t method = little16(object_, header + 8);
    const std::uint64_t name_size = little16(object_, header + 26);
    const std::uint64_t data = header + kLocalBytes + name_size + little16(object_, header + 28);
    if (!is_known(method) || data >= end) return header + 1;
    std::uint64_t packed_size = little32(object_, header + 18);
    const std::uint64_t size = little32(object_, header + 22);
    // A deflate stream knows its end; stored content of unknown length ends where the gap does.
    if (packed_size == 0 || packed_size > end - data) packed_size = end - data;
    const ByteView packed = part(object_, data, packed_size);
    Entry entry{.name{as_text(part(object_, header + kLocalBytes, name_size))},
                .packed_size = packed_size,
                .size = size,
                .position = data,
                .crc = little32(object_, header + 14),
                .encrypted = (flags & 1) != 0,
                .hidden = true};
    if (!seen_.emplace(data, packed.size(), method).second) return header + 1;
    walk_.outcome.note(End::damaged, "entries that are not listed");
    give(entry, packed, {.method = method, .flags = flags, .size_claimed = size}, false);
    return little32(object_, header + 18) == packed_size ? data + packed_size : header + 4;
  }

  ByteView object_;
  Walk& walk_;
  Output output_;
  std::vector<Span> spans_;
  std::set<std::tuple<std::uint64_t, std::size_t, std::uint16_t>> seen_;
};

}  // namespace

void unpack_zip(ByteView object, Walk& walk) { ZipWalk(object, walk).run(); }

void unpack_zip_behind(ByteView object, Walk& walk) {
  constexpr std::size_t kTailBytes = 22 + 0xffff;
  const std::size_t tail = object.size() - std::min(object.size(), kTailBytes);
  if (!find(object, "PK\5\6", tail)) return;
  const auto zip = Zip::open(read_from(object), object.size());
  if (!zip || zip->entries().empty()) return;
  std::uint64_t first = object.size();
  for (const ZipEntry& entry : zip->entries()) {
    const auto data = zip->data_offset(entry);
    if (!data) continue;
    const std::uint64_t back = kLocalBytes + entry.name.size();
    first = std::min(first, *data - std::min(*data, back));
  }
  // The extra field of the first header may be longer than none: step back to the magic itself.
  if (first == object.size()) return;
  while (first > 0 && !is_at(object, first, kLocalMagic)) --first;
  if (first == 0) return;
  walk.give({.packed_size = object.size() - first,
             .size = object.size() - first,
             .position = first,
             .hidden = true,
             .kind = Kind::zip},
            End::whole, object.subspan(first));
}

}  // namespace amanat::unpack
