// What libarchive reads. Only formats and filters that run inside this process are switched on:
// libarchive starts other programs for some.

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

struct FreeArchive {
  void operator()(archive* it) const { archive_read_free(it); }
};
using Archive = std::unique_ptr<archive, FreeArchive>;

void support(archive* reader, Kind kind) {
  switch (kind) {
    case Kind::bzip2: archive_read_support_filter_bzip2(reader); break;
    case Kind::xz: archive_read_support_filter_xz(reader); break;
    case Kind::lzma: archive_read_support_filter_lzma(reader); break;
    case Kind::zstd: archive_read_support_filter_zstd(reader); break;
    case Kind::lz4: archive_read_support_filter_lz4(reader); break;
    case Kind::compress: archive_read_support_filter_compress(reader); break;
    case Kind::tar: archive_read_support_format_tar(reader); return;
    case Kind::cpio: archive_read_support_format_cpio(reader); return;
    case Kind::ar: archive_read_support_format_ar(reader); return;
    case Kind::seven_zip: archive_read_support_format_7zip(reader); return;
    case Kind::cab: archive_read_support_format_cab(reader); return;
    case Kind::rar:
      archive_read_support_format_rar(reader);
      archive_read_support_format_rar5(reader);
      return;
    case Kind::iso9660: archive_read_support_format_iso9660(reader); return;
    case Kind::lha: archive_read_support_format_lha(reader); return;
    default: return;
  }
  archive_read_support_format_raw(reader);
}

Archive new_reader(Kind kind) {
  Archive reader(archive_read_new());
  ensure(reader != nullptr, "there is memory for an archive reader");
  support(reader.get(), kind);
  return reader;
}

Archive open_archive(Kind kind, ByteView object) {
  Archive reader = new_reader(kind);
  if (archive_read_open_memory(reader.get(), object.data(), object.size()) != ARCHIVE_OK) {
    return nullptr;
  }
  return reader;
}

/// A lone LZMA stream in two blocks: its header, changed, and the rest where it lies.
struct LzmaSource {
  std::array<std::uint8_t, kLzmaHeaderBytes> header{};
  ByteView stream;
  std::size_t turn = 0;
};

la_ssize_t read_block(archive* /*reader*/, void* source, const void** block) {
  auto& lzma = *static_cast<LzmaSource*>(source);
  const ByteView bytes = lzma.turn == 0 ? ByteView(lzma.header) : lzma.stream;
  if (lzma.turn++ > 1) return 0;
  *block = bytes.data();
  return static_cast<la_ssize_t>(bytes.size());
}

// The decoder takes as much memory as the header says that matches reach back: no more than what
// may come out is needed. (libarchive knows powers of two only.)
void lower_reach(LzmaSource& source, std::size_t room) {
  constexpr std::size_t kReachAt = 1;
  constexpr std::uint64_t kReachMin = 4096;
  constexpr std::uint64_t kReachMax = 1ULL << 26;
  const std::uint64_t needed = std::bit_ceil(std::clamp<std::uint64_t>(room, kReachMin, kReachMax));
  if (little32(source.header, kReachAt) <= needed) return;
  for (std::size_t i = 0; i < 4; ++i) {
    source.header[kReachAt + i] = static_cast<std::uint8_t>(needed >> (8 * i));
  }
}

// Why an entry broke off: libarchive tells only in words.
End end_of_failure(archive* reader) {
  const char* words = archive_error_string(reader);
  const std::string_view why = words == nullptr ? "" : words;
  const auto says = [why](std::string_view word) { return why.find(word) != why.npos; };
  if (says("ncrypt") || says("assphrase")) return End::encrypted;
  if (says("nsupported") || says("not supported") || says("Unknown")) return End::unsupported;
  return End::damaged;
}

/// The content of the entry that the reader stands at. A stored entry is one block, which lies in
/// the object itself, so it is handed over as a view.
struct Content {
  End end = End::whole;
  ByteView view;
};

Content read_content(archive* reader, ByteView object, std::uint64_t size_claimed, Output& output) {
  for (bool first = true;; first = false) {
    const void* memory = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(reader, &memory, &size, &offset);
    if (status == ARCHIVE_EOF) return {.end = End::whole, .view = output.bytes()};
    if (status < ARCHIVE_WARN) return {.end = end_of_failure(reader), .view = output.bytes()};
    const ByteView block(static_cast<const std::uint8_t*>(memory), size);
    const bool inside =
        block.data() >= object.data() && block.data() + size <= object.data() + object.size();
    if (first && inside && offset == 0 && size > 0 && size == size_claimed) {
      return {.end = End::whole, .view = block};
    }
    const auto begin = static_cast<std::uint64_t>(offset);
    if (begin > output.size() && !output.add_zeros(begin - output.size())) {
      return {.end = End::over_budget, .view = output.bytes()};
    }
    if (!output.add(block) || !output.budget().has_time()) {
      return {.end = End::over_budget, .view = output.bytes()};
    }
  }
}

Entry describe_entry(archive_entry* entry, ByteView object) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  const la_int64_t size = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
  return {.name = name == nullptr ? "" : name,
          .packed_size = object.size(),
          .size = size > 0 ? static_cast<std::uint64_t>(size) : 0,
          .encrypted = archive_entry_is_encrypted(entry) != 0};
}

bool is_stream(Kind kind) {
  return kind == Kind::bzip2 || kind == Kind::xz || kind == Kind::lzma || kind == Kind::zstd
         || kind == Kind::lz4 || kind == Kind::compress;
}

void unpack_entries(archive* reader, ByteView object, Walk& walk) {
  Output output(walk.budget);
  while (walk.goes_on()) {
    archive_entry* header = nullptr;
    const int status = archive_read_next_header(reader, &header);
    if (status == ARCHIVE_EOF) return;
    if (status < ARCHIVE_WARN) {
      if (status == ARCHIVE_RETRY) continue;
      return walk.outcome.note(end_of_failure(reader), "the archive breaks off");
    }
    Entry entry = describe_entry(header, object);
    if (archive_entry_filetype(header) != AE_IFREG && archive_entry_filetype(header) != 0) continue;
    output.begin(object.size());
    const std::uint64_t size = entry.size;
    Content content = read_content(reader, object, size, output);
    if (entry.encrypted && content.end != End::whole) content.end = End::encrypted;
    if (!content.view.empty() && content.view.data() != output.bytes().data()) {
      entry.position = static_cast<std::uint64_t>(content.view.data() - object.data());
      entry.packed_size = content.view.size();
    }
    // Folders and links have nothing to look at.
    if (content.view.empty() && content.end == End::whole && size == 0) continue;
    if (!walk.give(std::move(entry), content.end, content.view)) return;
    if (content.end == End::over_budget) return;
  }
}

End read_stream(archive* reader, Output& output) {
  archive_entry* header = nullptr;
  const int status = archive_read_next_header(reader, &header);
  if (status == ARCHIVE_EOF) return End::whole;  // nothing in it
  // Bytes that no filter knows would come out as they are.
  if (status < ARCHIVE_WARN || archive_filter_code(reader, 0) == ARCHIVE_FILTER_NONE) {
    return End::damaged;
  }
  return read_content(reader, {}, 0, output).end;
}

}  // namespace

End decompress_lzma(ByteView header, ByteView stream, Output& output) {
  if (header.size() != kLzmaHeaderBytes || stream.empty()) return End::damaged;
  LzmaSource source{.stream = stream};
  std::ranges::copy(header, source.header.begin());
  lower_reach(source, output.room());
  const Archive reader = new_reader(Kind::lzma);
  if (archive_read_open(reader.get(), &source, nullptr, read_block, nullptr) != ARCHIVE_OK) {
    return End::damaged;
  }
  return read_stream(reader.get(), output);
}

End decompress(Kind kind, ByteView packed, Output& output) {
  if (kind == Kind::lzma) {
    const std::size_t front = std::min(packed.size(), kLzmaHeaderBytes);
    return decompress_lzma(packed.first(front), packed.subspan(front), output);
  }
  const Archive reader = open_archive(kind, packed);
  return reader == nullptr ? End::damaged : read_stream(reader.get(), output);
}

void unpack_archive(Kind kind, ByteView object, Walk& walk) {
  if (is_stream(kind)) {
    Output output(walk.budget);
    output.begin(object.size());
    const End end = decompress(kind, object, output);
    walk.give({.packed_size = object.size(), .size = output.size()}, end, output);
    return;
  }
  const Archive reader = open_archive(kind, object);
  if (reader == nullptr) return walk.outcome.note(End::damaged, "the archive does not open");
  unpack_entries(reader.get(), object, walk);
}

}  // namespace amanat::unpack
