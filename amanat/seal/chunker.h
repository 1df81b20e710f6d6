#pragma once

// Cuts files into chunks so that what did not change is recognised (docs/format.md §8).
//
// Media and archives arrive whole: fixed segments. Databases change page by page: small pages.
// Everything else is cut where its content says so: a rolling digest of the last 64 bytes goes
// through AES, and the cut test sees only AES output, so that cuts tell nothing about the keys
// (Truong et al., CCS 2025). An insertion then changes a chunk or two, not all that follow.

#include <array>
#include <cstdint>
#include <functional>

#include "amanat/seal/ids.h"

namespace amanat::seal {

enum class ChunkRule : std::uint8_t {
  segments,  // 1 MiB from offset 0; stored as it is
  pages,     // 16 KiB
  content,   // 64 KiB to 2 MiB, about 320 KiB
};

inline constexpr std::size_t kSegmentBytes = std::size_t{1} << 20;
inline constexpr std::size_t kPageBytes = std::size_t{16} << 10;
inline constexpr std::size_t kChunkBytesMin = std::size_t{64} << 10;
inline constexpr std::size_t kChunkBytesMax = std::size_t{2} << 20;
inline constexpr std::size_t kRuleBytes = 16;  // how much of a file `rule_for` looks at

/// The rule for a file that begins with these bytes: its first 16, or all of a shorter one.
ChunkRule rule_for(ByteView first_bytes);

/// Whether files under this rule are compressed by their format already, so that zstd gains
/// nothing.
constexpr bool is_compressed_already(ChunkRule rule) { return rule == ChunkRule::segments; }

/// Fills as much of the memory as it likes and says how much; 0 is the end.
using ReadSome = std::function<Result<std::size_t>(ByteSpan)>;
/// Takes one chunk, which lives during the call.
using ChunkSink = std::function<Result<>(ByteView chunk)>;

/// Keeps its tables and a buffer of 4 MiB between files: one per compartment and thread.
class Chunker {
 public:
  Chunker(const ChunkKey& chunk_key, const CutKey& cut_key);

  /// Cuts all that `read` gives and hands the chunks to `sink` in order. Where the cuts fall does
  /// not depend on how much each read gives. Nothing read is no chunk. Fails as `read` and `sink`.
  Result<> cut(ChunkRule rule, const ReadSome& read, const ChunkSink& sink);

  /// The length of the first chunk of `bytes`, which are all that is left or at least 2 MiB.
  std::size_t find_cut(ChunkRule rule, ByteView bytes);

 private:
  std::size_t find_content_cut(ByteView bytes);

  std::array<std::uint64_t, 256> in_{};   // T
  std::array<std::uint64_t, 256> out_{};  // x^64 T
  crypto::AesBlocks aes_;
  Bytes buffer_;
};

}  // namespace amanat::seal
