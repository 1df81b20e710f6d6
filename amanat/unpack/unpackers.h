#pragma once

// The unpackers, one for each family of formats; `unpack` chooses. Each hands over what it finds
// and notes in the walk's outcome what it could not reach.

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

void unpack_zip(ByteView object, Walk& walk);
void unpack_gzip(ByteView object, Walk& walk);
/// Everything that libarchive reads: tar, cpio, ar, 7z, cab, rar, ISO 9660, lha, and the streams
/// bzip2, xz, lzma, zstd, lz4 and compress.
void unpack_archive(Kind kind, ByteView object, Walk& walk);
void unpack_arj(ByteView object, Walk& walk);
void unpack_sis(ByteView object, Walk& walk);
void unpack_szdd(ByteView object, Walk& walk);
void unpack_chm(ByteView object, Walk& walk);

void unpack_pdf(ByteView object, Walk& walk);
void unpack_ole2(ByteView object, Walk& walk);
void unpack_rtf(ByteView object, Walk& walk);
void unpack_tnef(ByteView object, Walk& walk);
void unpack_binhex(ByteView object, Walk& walk);
void unpack_mail(ByteView object, Walk& walk);
void unpack_html(ByteView object, Walk& walk);
void unpack_flash(ByteView object, Walk& walk);

/// Objects that lie in a program or in unknown bytes as they are: other programs, archives behind
/// self-extracting ones.
void unpack_embedded(ByteView object, Walk& walk);
/// A ZIP archive that begins behind something else, a picture say, and ends where the object ends.
void unpack_zip_behind(ByteView object, Walk& walk);

/// A stream of one of libarchive's filters (bzip2, xz, lzma, zstd, lz4, compress) into `output`.
End decompress(Kind kind, ByteView packed, Output& output);

/// LZMA alone, whose header (properties, reach, size; all ones for a size that is not known) others
/// keep apart from the stream. Takes no more memory than `output` has room.
End decompress_lzma(ByteView header, ByteView stream, Output& output);
inline constexpr std::size_t kLzmaHeaderBytes = 13;

}  // namespace amanat::unpack
