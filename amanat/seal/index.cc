#include "amanat/seal/index.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "amanat/codec/codec.h"
#include "amanat/seal/read_each.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kContext = "amanat/index/v1";
constexpr std::size_t kPackBytes = 38;
constexpr std::size_t kEntryBytes = 52;
constexpr std::size_t kPacksMax = kIndexPacksBytesMax / kPackBytes;
constexpr std::size_t kEntriesMax = kIndexEntriesBytesMax / kEntryBytes;

void write_packs(codec::Writer& writer, const std::vector<IndexPack>& packs) {
  codec::Writer inner;
  for (const IndexPack& pack : packs) {
    inner.raw(pack.id.bytes());
    inner.u32(pack.frames);
    inner.u16(pack.generation);
  }
  writer.vector32(inner.bytes(), kIndexPacksBytesMax);
}

void write_entries(codec::Writer& writer, const std::vector<IndexEntry>& entries) {
  codec::Writer inner;
  for (const IndexEntry& entry : entries) {
    inner.raw(entry.place.name.bytes());
    inner.u32(entry.pack);
    inner.u32(entry.place.offset);
    inner.u32(entry.place.stored);
    inner.u32(entry.place.raw);
    inner.u8(static_cast<std::uint8_t>(entry.place.codec));
    inner.u8(entry.place.dictionary);
    inner.u8(static_cast<std::uint8_t>(entry.place.type));
    inner.u8(0);
  }
  writer.vector32(inner.bytes(), kIndexEntriesBytesMax);
}

IndexPack read_pack(codec::Reader& reader) {
  IndexPack pack;
  pack.id = reader.id<PackId>();
  pack.frames = reader.u32();
  pack.generation = reader.u16();
  if (pack.frames < 1 || pack.frames > kFramesMax) reader.refuse("a pack has 1 to 256 frames");
  if (pack.generation == 0) reader.refuse("generations count from 1");
  return pack;
}

IndexEntry read_entry(codec::Reader& reader) {
  IndexEntry entry;
  entry.place.name = reader.id<BlobName>();
  entry.pack = reader.u32();
  entry.place.offset = reader.u32();
  entry.place.stored = reader.u32();
  entry.place.raw = reader.u32();
  const std::uint8_t codec = reader.u8();
  entry.place.dictionary = reader.u8();
  const std::uint8_t type = reader.u8();
  if (codec > 2) reader.refuse("a blob's codec is unknown");
  if (type < 1 || type > 4) reader.refuse("a blob's type is unknown");
  entry.place.codec = static_cast<BlobCodec>(codec);
  entry.place.type = static_cast<BlobType>(type);
  reader.expect_zeros(1, "an entry ends in a zero");
  return entry;
}

// Whether `entry` may follow what the segment has already.
Result<> check(const IndexSegment& segment, const IndexEntry& entry) {
  if (entry.pack >= segment.packs.size()) {
    return fail(Code::invalid_input, "an entry names a pack that is not listed");
  }
  if (!segment.entries.empty() && segment.entries.back().place.name >= entry.place.name) {
    return fail(Code::invalid_input, "entries do not ascend by name");
  }
  return check_entry(entry.place,
                     std::uint64_t{segment.packs[entry.pack].frames} * kFramePlainBytes);
}

// Sorts one segment's entries and keeps each name once, where it was stored first.
void settle(IndexSegment& segment) {
  std::ranges::sort(segment.entries, {}, [](const IndexEntry& entry) {
    return std::tuple(entry.place.name, entry.pack, entry.place.offset);
  });
  const auto rest = std::ranges::unique(segment.entries, {},
                                        [](const IndexEntry& entry) { return entry.place.name; });
  segment.entries.erase(rest.begin(), rest.end());
}

}  // namespace

Bytes IndexSegment::encode() const {
  codec::Writer writer;
  writer.raw(kContext);
  write_packs(writer, packs);
  write_entries(writer, entries);
  return std::move(writer).take();
}

Result<IndexSegment> IndexSegment::parse(ByteView bytes) {
  codec::Reader reader(bytes);
  IndexSegment segment;
  reader.expect(kContext, "it is no index segment");
  read_each(reader, reader.vector32(kIndexPacksBytesMax), "packs",
            [&](codec::Reader& inner) { segment.packs.push_back(read_pack(inner)); });
  read_each(reader, reader.vector32(kIndexEntriesBytesMax), "entries", [&](codec::Reader& inner) {
    IndexEntry entry = read_entry(inner);
    if (auto fits = check(segment, entry); !fits) inner.refuse(fits.error().message);
    segment.entries.push_back(entry);
  });
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return segment;
}

const IndexEntry* IndexSegment::find(const BlobName& name) const {
  const auto found = std::ranges::lower_bound(
      entries, name, {},
      [](const IndexEntry& entry) -> const BlobName& { return entry.place.name; });
  return found != entries.end() && found->place.name == name ? &*found : nullptr;
}

std::vector<IndexSegment> index_packs(std::span<const IndexedPack> packs) {
  std::vector<IndexSegment> segments;
  for (const IndexedPack& indexed : packs) {
    // A pack with many small blobs may be named in several segments.
    auto from = indexed.entries.begin();
    while (from != indexed.entries.end()) {
      if (segments.empty() || segments.back().packs.size() == kPacksMax
          || segments.back().entries.size() == kEntriesMax) {
        segments.emplace_back();
      }
      IndexSegment& segment = segments.back();
      const auto number = static_cast<std::uint32_t>(segment.packs.size());
      segment.packs.push_back(indexed.pack);
      const auto room = static_cast<std::ptrdiff_t>(kEntriesMax - segment.entries.size());
      const auto until =
          std::next(from, std::min(room, std::distance(from, indexed.entries.end())));
      for (; from != until; ++from) segment.entries.push_back({number, *from});
    }
  }
  for (IndexSegment& segment : segments) settle(segment);
  return segments;
}

}  // namespace amanat::seal
