#include "amanat/unpack/inflate.h"

#include <algorithm>
#include <memory>

#include <libdeflate.h>
#include <zlib.h>

namespace amanat::unpack {
namespace {

constexpr std::size_t kPieceBytes = 64UL << 10;
constexpr std::uint64_t kOnePieceBytesMax = 1ULL << 20;
constexpr std::uint64_t kDeflateRatioMax = 1032;  // no deflate stream grows more than this

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
};

// One per thread: making one costs more than inflating a small entry.
libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> kept(
      libdeflate_alloc_decompressor());
  ensure(kept != nullptr, "there is memory for a decompressor");
  return kept.get();
}

// The content, when the stream is small and exactly as long as it claims; nothing otherwise, and
// then the slow road finds out why.
Result<Bytes> inflate_in_one_piece(const Packed& packed) {
  Bytes in(packed.size);
  if (auto read = packed.bytes(0, in); !read) return carry(read);
  Bytes out(packed.size_claimed);
  std::size_t used = 0;
  std::size_t written = 0;
  const auto result = libdeflate_deflate_decompress_ex(decompressor(), in.data(), in.size(),
                                                       out.data(), out.size(), &used, &written);
  if (result != LIBDEFLATE_SUCCESS || written != out.size()) {
    return fail(Code::invalid_input, "the stream does not keep its promise");
  }
  return out;
}

bool fits_one_piece(const Packed& packed, std::uint64_t size_max) {
  return packed.size <= kOnePieceBytesMax && packed.size_claimed > 0
         && packed.size_claimed <= std::min(kOnePieceBytesMax, size_max)
         && packed.size_claimed / kDeflateRatioMax <= packed.size;
}

class ZlibStream {
 public:
  explicit ZlibStream(int bits = -MAX_WBITS) {
    ensure(inflateInit2(&stream_, bits) == Z_OK, "zlib starts");
  }
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;
  ~ZlibStream() { inflateEnd(&stream_); }

  void feed(ByteView in) {
    stream_.next_in = const_cast<Bytef*>(in.data());  // zlib reads only
    stream_.avail_in = static_cast<uInt>(in.size());
  }
  bool is_hungry() const { return stream_.avail_in == 0; }
  std::size_t left() const { return stream_.avail_in; }
  /// Fills `out` as far as it goes; returns zlib's word for how it went.
  int fill(ByteSpan out, std::size_t& written) {
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    written = out.size() - stream_.avail_out;
    return status;
  }

 private:
  z_stream stream_{};
};

// The whole stream at once by libdeflate, when its claim is possible and fits; false when the slow
// road must find out why not.
bool inflate_at_once(Output& output, ByteView packed, Wrapping wrapping, std::uint64_t claim,
                     std::size_t& used) {
  if (claim == 0 || claim > output.room() || claim / kDeflateRatioMax > packed.size()) return false;
  const ByteSpan out = output.reserve(claim);
  std::size_t written = 0;
  const auto decompress = wrapping == Wrapping::raw    ? libdeflate_deflate_decompress_ex
                          : wrapping == Wrapping::zlib ? libdeflate_zlib_decompress_ex
                                                       : libdeflate_gzip_decompress_ex;
  const auto result = decompress(decompressor(), packed.data(), packed.size(), out.data(),
                                 out.size(), &used, &written);
  if (result != LIBDEFLATE_SUCCESS) return false;
  output.commit(written);
  return true;
}

int window_bits(Wrapping wrapping) {
  switch (wrapping) {
    case Wrapping::raw: return -MAX_WBITS;
    case Wrapping::zlib: return MAX_WBITS;
    case Wrapping::gzip: return MAX_WBITS + 16;
  }
  return MAX_WBITS;
}

}  // namespace

End inflate_into(Output& output, ByteView packed, Wrapping wrapping, std::uint64_t size_claimed,
                 std::size_t* used) {
  std::size_t taken = 0;
  if (used == nullptr) used = &taken;
  *used = 0;
  if (packed.empty()) return End::damaged;
  if (inflate_at_once(output, packed, wrapping, size_claimed, *used)) return End::whole;
  constexpr std::size_t kFeedBytesMax = 1UL << 30;
  ZlibStream stream(window_bits(wrapping));
  std::size_t fed = 0;
  while (true) {
    if (stream.is_hungry() && fed < packed.size()) {
      const ByteView piece = packed.subspan(fed, std::min(kFeedBytesMax, packed.size() - fed));
      stream.feed(piece);
      fed += piece.size();
    }
    if (output.room() == 0) {
      // Full; one byte more tells whether the stream ends here as well.
      std::uint8_t beyond = 0;
      std::size_t written = 0;
      const int status = stream.fill({&beyond, 1}, written);
      *used = fed - stream.left();
      if (status == Z_STREAM_END && written == 0) return End::whole;
      output.note_limit();
      return End::over_budget;
    }
    if (!output.budget().has_time()) return End::over_budget;
    const ByteSpan out = output.reserve(std::min(kPieceBytes, output.room()));
    std::size_t written = 0;
    const int status = stream.fill(out, written);
    output.commit(written);
    *used = fed - stream.left();
    if (status == Z_STREAM_END) return End::whole;
    if (status != Z_OK && status != Z_BUF_ERROR) return End::damaged;
    if (written == 0 && stream.is_hungry() && fed == packed.size()) return End::damaged;
  }
}

Result<Inflated> inflate(const Packed& packed, std::uint64_t size_max,
                         const std::function<bool(ByteView)>& sink) {
  if (fits_one_piece(packed, size_max)) {
    if (const auto whole = inflate_in_one_piece(packed)) {
      return Inflated{.size = whole->size(), .whole = sink(*whole)};
    }
  }
  if (packed.size == 0) return Inflated{.whole = true};
  ZlibStream stream;
  Bytes in(kPieceBytes);
  Bytes out(kPieceBytes);
  Inflated done;
  std::uint64_t read = 0;
  while (read < packed.size) {
    const ByteSpan piece =
        ByteSpan(in).first(std::min<std::uint64_t>(in.size(), packed.size - read));
    if (auto filled = packed.bytes(read, piece); !filled) return carry(filled);
    read += piece.size();
    stream.feed(piece);
    for (std::size_t written = out.size(); written == out.size();) {
      const int status = stream.fill(out, written);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return fail(Code::invalid_input, "a deflate stream is broken");
      }
      const std::uint64_t wanted = std::min<std::uint64_t>(written, size_max - done.size);
      done.size += wanted;
      if (wanted > 0 && !sink(ByteView(out).first(wanted))) return done;
      if (wanted < written) return done;
      if (status == Z_STREAM_END) {
        done.whole = true;
        return done;
      }
    }
  }
  return fail(Code::invalid_input, "a deflate stream ends early");
}

}  // namespace amanat::unpack
