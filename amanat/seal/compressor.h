#pragma once

// zstd with contexts that are kept between blobs. Used by the parts of this module alone.

#include <memory>
#include <optional>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::seal {

/// Compresses at level 3 into memory of its own. One per thread.
class Compressor {
 public:
  Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor();

  /// The compressed bytes, which live until the next call; nothing when they would not be fewer.
  std::optional<ByteView> compress(ByteView plain);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decompresses one frame of known size. One per thread.
class Decompressor {
 public:
  Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor();

  /// Exactly `raw_size` bytes; invalid_input when `stored` gives any other number.
  Result<Bytes> decompress(ByteView stored, std::size_t raw_size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amanat::seal
