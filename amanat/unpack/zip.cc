#include "amanat/unpack/zip.h"

#include <algorithm>
#include <optional>

#include <libdeflate.h>

#include "amanat/unpack/inflate.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kPieceBytes = 64UL << 10;

// The records of the format and their fixed sizes (APPNOTE 4.3).
constexpr std::uint32_t kLocalMagic = 0x04034b50;
constexpr std::uint32_t kCentralMagic = 0x02014b50;
constexpr std::uint32_t kEndMagic = 0x06054b50;
constexpr std::uint32_t kEnd64LocatorMagic = 0x07064b50;
constexpr std::uint32_t kEnd64Magic = 0x06064b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64LocatorBytes = 20;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kCommentBytesMax = 0xffff;
constexpr std::uint16_t kExtra64 = 0x0001;
constexpr std::uint16_t kDeflated = 8;

template <std::size_t Width>
std::uint64_t little_endian(ByteView bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = Width; i > 0; --i) value = value << 8 | bytes[at + i - 1];
  return value;
}
std::uint16_t u16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(little_endian<2>(bytes, at));
}
std::uint32_t u32(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little_endian<4>(bytes, at));
}
std::uint64_t u64(ByteView bytes, std::size_t at) { return little_endian<8>(bytes, at); }

/// Where the directory is, as the record at the end of the archive tells.
struct Directory {
  std::uint64_t record_offset = 0;  // of the record that told
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t entries = 0;
};

// Searches backwards, so that the last record whose comment fits into the file wins: that is the
// one Android finds. Bytes behind the comment are tolerated.
std::optional<std::size_t> find_end_record(ByteView tail) {
  if (tail.size() < kEndBytes) return std::nullopt;
  for (std::size_t at = tail.size() - kEndBytes + 1; at > 0; --at) {
    const std::size_t start = at - 1;
    if (tail[start] != 'P' || u32(tail, start) != kEndMagic) continue;
    if (u16(tail, start + 20) <= tail.size() - start - kEndBytes) return start;
  }
  return std::nullopt;
}

// Reads the 64-bit record that stands in for the plain one when a field of that is all ones.
Result<> read_end64(const RandomAccess& reader, std::uint64_t size, Directory& directory) {
  if (directory.record_offset < kEnd64LocatorBytes) return {};
  Bytes locator(kEnd64LocatorBytes);
  auto read = reader(directory.record_offset - kEnd64LocatorBytes, locator);
  if (!read) return carry(read);
  if (u32(locator, 0) != kEnd64LocatorMagic) return {};  // all ones may be the truth
  const std::uint64_t at = u64(locator, 8);
  if (at > size || size - at < kEnd64Bytes) {
    return fail(Code::invalid_input, "the zip64 record is outside the archive");
  }
  Bytes record(kEnd64Bytes);
  if (read = reader(at, record); !read) return carry(read);
  if (u32(record, 0) != kEnd64Magic)
    return fail(Code::invalid_input, "the zip64 record is missing");
  directory = {.record_offset = at,
               .offset = u64(record, 48),
               .size = u64(record, 40),
               .entries = u64(record, 32)};
  return {};
}

Result<Directory> find_directory(const RandomAccess& reader, std::uint64_t size) {
  Bytes tail(std::min<std::uint64_t>(size, kEndBytes + kCommentBytesMax));
  if (auto read = reader(size - tail.size(), tail); !read) return carry(read);
  const auto at = find_end_record(tail);
  if (!at) return fail(Code::not_found, "no zip directory");
  Directory directory{.record_offset = size - tail.size() + *at,
                      .offset = u32(tail, *at + 16),
                      .size = u32(tail, *at + 12),
                      .entries = u16(tail, *at + 10)};
  if (directory.offset == 0xffffffff || directory.size == 0xffffffff
      || directory.entries == 0xffff) {
    if (auto read = read_end64(reader, size, directory); !read) return carry(read);
  }
  return directory;
}

// Reads records one after the other through one window.
class Window {
 public:
  Window(const RandomAccess& reader, std::uint64_t start, std::uint64_t end)
      : reader_(reader), position_(start), end_(end) {}

  /// The next `size` bytes without passing over them; empty when they are not there.
  ByteView peek(std::size_t size) {
    if (size > end_ - position_) return {};
    if (position_ < start_ || position_ + size > start_ + window_.size()) {
      window_.resize(std::min<std::uint64_t>(std::max(size, kPieceBytes), end_ - position_));
      start_ = position_;
      if (!reader_(start_, window_)) return {};
    }
    return ByteView(window_).subspan(position_ - start_, size);
  }
  void skip(std::size_t size) { position_ += size; }

 private:
  const RandomAccess& reader_;
  std::uint64_t position_;
  std::uint64_t end_;
  std::uint64_t start_ = 0;
  Bytes window_;
};

// Fields that are all ones stand in the zip64 extra field, in this order (APPNOTE 4.5.3).
void read_extra64(ByteView extra, ZipEntry& entry) {
  while (extra.size() >= 4) {
    const std::size_t size = u16(extra, 2);
    if (size > extra.size() - 4) return;
    ByteView field = extra.subspan(4, size);
    if (u16(extra, 0) == kExtra64) {
      for (std::uint64_t* value : {&entry.size, &entry.packed_size, &entry.header_offset}) {
        if (*value != 0xffffffff || field.size() < 8) continue;
        *value = u64(field, 0);
        field = field.subspan(8);
      }
      return;
    }
    extra = extra.subspan(4 + size);
  }
}

/// The next entry; nothing when the directory ends here or is broken.
std::optional<ZipEntry> read_entry(Window& window) {
  ByteView record = window.peek(kCentralBytes);
  if (record.empty() || u32(record, 0) != kCentralMagic) return std::nullopt;
  const std::size_t name_size = u16(record, 28);
  const std::size_t extra_size = u16(record, 30);
  const std::size_t size = kCentralBytes + name_size + extra_size + u16(record, 32);
  record = window.peek(size);
  if (record.empty()) return std::nullopt;
  window.skip(size);
  ZipEntry entry{
      .name{as_text(record.subspan(kCentralBytes, std::min(name_size, kZipNameBytesMax)))},
      .size = u32(record, 24),
      .packed_size = u32(record, 20),
      .header_offset = u32(record, 42),
      .crc = u32(record, 16),
      .method = u16(record, 10),
      .encrypted = (u16(record, 8) & 1) != 0};
  read_extra64(record.subspan(kCentralBytes + name_size, extra_size), entry);
  return entry;
}

bool has_magic(const RandomAccess& reader, std::uint64_t size, std::uint64_t at,
               std::uint32_t magic) {
  Bytes bytes(4);
  return at < size && size - at >= 4 && reader(at, bytes) && u32(bytes, 0) == magic;
}

}  // namespace

bool starts_like_zip(ByteView head) {
  return head.size() >= 4 && (u32(head, 0) == kLocalMagic || u32(head, 0) == kEndMagic);
}

Result<Zip> Zip::open(RandomAccess reader, std::uint64_t size) {
  auto directory = find_directory(reader, size);
  if (!directory) return carry(directory);
  Zip zip;
  zip.reader_ = std::move(reader);
  zip.size_ = size;
  // Something may have been put in front of the archive. Where the record says the directory is
  // comes first, as in Android; else it must end where the record begins.
  if (!has_magic(zip.reader_, size, directory->offset, kCentralMagic)
      && directory->size <= directory->record_offset) {
    const std::uint64_t real = directory->record_offset - directory->size;
    if (real > directory->offset) zip.shift_ = real - directory->offset;
  }
  const std::uint64_t start = directory->offset + zip.shift_;
  if (start < zip.shift_ || start > size) {
    return fail(Code::invalid_input, "the zip directory is outside the archive");
  }
  Window window(zip.reader_, start, size);
  const std::uint64_t count = std::min<std::uint64_t>(directory->entries, kZipEntriesMax);
  while (zip.entries_.size() < count) {
    auto entry = read_entry(window);
    if (!entry) break;
    zip.entries_.push_back(std::move(*entry));
  }
  if (zip.entries_.size() < count) {
    zip.listing_problem_ = "the archive's directory ends early";
  } else if (directory->entries > kZipEntriesMax || read_entry(window)) {
    // The plain record counts modulo 65,536, and a liar counts less than there are.
    zip.listing_problem_ = "the archive has more entries than its limit or its own count";
  }
  return zip;
}

const ZipEntry* Zip::find(std::string_view name) const {
  const auto it = std::ranges::find(entries_, name, &ZipEntry::name);
  return it == entries_.end() ? nullptr : &*it;
}

Result<std::uint64_t> Zip::data_offset(const ZipEntry& entry) const {
  const std::uint64_t at = entry.header_offset + shift_;
  if (at < shift_ || at > size_ || size_ - at < kLocalBytes) {
    return fail(Code::invalid_input, "an entry is outside the archive");
  }
  Bytes header(kLocalBytes);
  if (auto read = reader_(at, header); !read) return carry(read);
  if (u32(header, 0) != kLocalMagic) {
    return fail(Code::invalid_input, "an entry's header is missing");
  }
  const std::uint64_t data = at + kLocalBytes + u16(header, 26) + u16(header, 28);
  if (data > size_ || entry.packed_size > size_ - data) {
    return fail(Code::invalid_input, "an entry reaches past the end of the archive");
  }
  return data;
}

Result<Unpacked> Zip::unpack(const ZipEntry& entry, std::uint64_t size_max,
                             const Sink& sink) const {
  const auto data = data_offset(entry);
  if (!data) return carry(data);
  std::uint32_t crc = 0;
  const Sink summing = [&](ByteView piece) {
    crc = libdeflate_crc32(crc, piece.data(), piece.size());
    return sink(piece);
  };
  if (entry.method == kDeflated) {
    const RandomAccess packed = read_part(reader_, {.start = *data, .size = entry.packed_size});
    const auto done =
        inflate({.bytes = packed, .size = entry.packed_size, .size_claimed = entry.size}, size_max,
                summing);
    if (!done) return carry(done);
    return Unpacked{.size = done->size, .whole = done->whole, .crc_holds = crc == entry.crc};
  }
  Unpacked done;
  const std::uint64_t wanted = std::min(entry.packed_size, size_max);
  Bytes piece(std::min<std::uint64_t>(kPieceBytes, wanted));
  while (done.size < wanted) {
    piece.resize(std::min<std::uint64_t>(piece.size(), wanted - done.size));
    if (auto read = reader_(*data + done.size, piece); !read) return carry(read);
    done.size += piece.size();
    if (!summing(piece)) return done;
  }
  done.whole = done.size == entry.packed_size;
  done.crc_holds = crc == entry.crc;
  return done;
}

Result<Bytes> Zip::extract(const ZipEntry& entry, std::size_t size_max) const {
  Bytes content;
  const auto done = unpack(entry, size_max, [&](ByteView piece) {
    append(content, piece);
    return true;
  });
  if (!done) return carry(done);
  if (!done->whole) return fail(Code::invalid_input, "an entry is larger than its limit");
  return content;
}

}  // namespace amanat::unpack
