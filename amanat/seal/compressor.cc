#include "amanat/seal/compressor.h"

#include <zstd.h>

namespace amanat::seal {
namespace {
constexpr int kLevel = 3;
struct FreeCompression {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompression {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
}  // namespace

struct Compressor::State {
  std::unique_ptr<ZSTD_CCtx, FreeCompression> context{ZSTD_createCCtx()};
  Bytes memory;
};

Compressor::Compressor() : state_(std::make_unique<State>()) {
  ensure(state_->context != nullptr, "there is memory for zstd");
}
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;
Compressor::~Compressor() { wipe(state_ ? ByteSpan(state_->memory) : ByteSpan()); }

std::optional<ByteView> Compressor::compress(ByteView plain) {
  // Memory for the worst case is not needed: what does not get smaller is stored as it is.
  if (state_->memory.size() < plain.size()) state_->memory.resize(plain.size());
  const std::size_t size = ZSTD_compressCCtx(state_->context.get(), state_->memory.data(),
                                             plain.size(), plain.data(), plain.size(), kLevel);
  if (ZSTD_isError(size) != 0 || size >= plain.size()) return std::nullopt;
  return ByteView(state_->memory).first(size);
}

struct Decompressor::State {
  std::unique_ptr<ZSTD_DCtx, FreeDecompression> context{ZSTD_createDCtx()};
};

Decompressor::Decompressor() : state_(std::make_unique<State>()) {
  ensure(state_->context != nullptr, "there is memory for zstd");
}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

Result<Bytes> Decompressor::decompress(ByteView stored, std::size_t raw_size) {
  // One frame that fills `stored`: a second frame or a skippable one would give one content many
  // spellings and let a few bytes keep the decoder busy.
  if (ZSTD_findFrameCompressedSize(stored.data(), stored.size()) != stored.size()) {
    return fail(Code::invalid_input, "a blob is not one zstd frame");
  }
  Bytes plain(raw_size);
  const std::size_t size = ZSTD_decompressDCtx(state_->context.get(), plain.data(), plain.size(),
                                               stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != raw_size) {
    return fail(Code::invalid_input, "a blob does not decompress to its size");
  }
  return plain;
}

}  // namespace amanat::seal
