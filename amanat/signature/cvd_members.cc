#include <algorithm>
#include <limits>
#include <memory>

#include <zlib.h>

#include "amanat/signature/cvd.h"
#include "amanat/signature/tar_reader.h"

namespace amanat::signature {
namespace {

constexpr std::size_t kPieceSize = std::size_t{64} << 10;
constexpr int kGzipWindow = 15 + 16;  // zlib reads a gzip header

bool is_gzip(ByteView bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

struct EndInflate {
  void operator()(z_stream* stream) const {
    inflateEnd(stream);
    delete stream;
  }
};

// Inflates piece after piece into `tar` until the stream ends or no more is wanted.
Result<> inflate_into(TarReader& tar, ByteView packed) {
  const std::unique_ptr<z_stream, EndInflate> stream(new z_stream{});
  ensure(inflateInit2(stream.get(), kGzipWindow) == Z_OK, "zlib starts");
  Bytes piece(kPieceSize);
  for (;;) {
    if (stream->avail_in == 0) {
      const std::size_t size = std::min<std::size_t>(packed.size(), kPieceSize);
      stream->next_in = const_cast<Bytef*>(packed.data());  // zlib reads it only
      stream->avail_in = static_cast<uInt>(size);
      packed = packed.subspan(size);
    }
    stream->next_out = piece.data();
    stream->avail_out = static_cast<uInt>(piece.size());
    const int status = inflate(stream.get(), Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END) {
      return fail(Code::invalid_input, "a set's archive does not inflate");
    }
    const auto wanted = tar.feed(ByteView(piece).first(piece.size() - stream->avail_out));
    if (!wanted) return carry(wanted);
    if (!*wanted) return {};
    if (status == Z_STREAM_END) return tar.finish();
  }
}

}  // namespace

Result<> read_members_unverified(ByteView file, const OnMember& on_member) {
  if (file.size() < kCvdHeaderSize) return fail(Code::invalid_input, "a set ends in its header");
  const ByteView packed = file.subspan(kCvdHeaderSize);
  TarReader tar(on_member);
  if (is_gzip(packed)) return inflate_into(tar, packed);
  const auto wanted = tar.feed(packed);
  if (!wanted) return carry(wanted);
  if (!*wanted) return {};
  return tar.finish();
}

}  // namespace amanat::signature
