#pragma once

// How a log is read from outside: tiles of 256 hashes and bundles of 256 entries under paths that
// never change their content (C2SP tlog-tiles, height 8).
//
//   tile/0/x001/x234/067          level 0, tile 1234067: 256 leaf hashes
//   tile/1/000.p/12               level 1, tile 0, while it holds 12 of its 256 hashes
//   tile/entries/000.p/7          the first 7 entries
//
// A hash of level L is the root of 256^L leaves. One index has one spelling, and so has one tile.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/tlog/entry.h"

namespace amanat::tlog {

inline constexpr unsigned kTileWidth = 256;
inline constexpr unsigned kTileHeight = 8;
inline constexpr unsigned kTileLevels = 8;  // 256^8 leaves are all that a u64 counts
inline constexpr std::size_t kTileBytesMax = std::size_t{kTileWidth} * merkle::Hash::kSize;
inline constexpr std::size_t kBundleBytesMax = kTileWidth * (2 + kEntryBytesMax);

/// One resource of the log: a tile of hashes, or without `level` a bundle of entries.
struct TileName {
  std::optional<unsigned> level;  // 0 to 7
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // 1 to 256
  friend bool operator==(const TileName&, const TileName&) = default;
};

/// `tile/0/x001/x234/067.p/112`
std::string path_of(const TileName& name);
/// Reads what `path_of` writes; invalid_input for any other spelling.
Result<TileName> parse_tile_path(std::string_view path);

/// How many hashes of `level` a log of `size` entries has.
constexpr std::uint64_t hashes_at(unsigned level, std::uint64_t size) {
  return level >= kTileLevels ? 0 : size >> (kTileHeight * level);
}
/// How wide tile or bundle `index` of `level` is in a log of `size` entries: 0 to 256.
unsigned width_at(unsigned level, std::uint64_t index, std::uint64_t size);

/// A tile's hashes, one after the other.
Bytes encode_tile(std::span<const merkle::Hash> hashes);
/// invalid_input unless it is exactly `width` hashes.
Result<std::vector<merkle::Hash>> parse_tile(ByteView bytes, unsigned width);

/// Entries with their lengths as u16 in front.
Bytes encode_bundle(std::span<const Bytes> entries);
/// The `width` entries of a bundle, borrowed from `bytes`; invalid_input when there are more or
/// fewer, or one is longer than kEntryBytesMax.
Result<std::vector<ByteView>> parse_bundle(ByteView bytes, unsigned width);

/// Gives all hashes that tile `index` of `level` has at present.
using TileSource =
    std::function<Result<std::vector<merkle::Hash>>(unsigned level, std::uint64_t index)>;

/// Answers merkle::SubtreeReader from tiles: keeps the last 16 tiles it used, with their inner
/// nodes. What it gives is as trustworthy as its source: a foreign log's proofs still have to
/// verify.
class TileHashes {
 public:
  explicit TileHashes(TileSource source) : source_(std::move(source)) {}
  /// The root of the perfect subtree at binary `level`; not_found when its tile is too narrow.
  Result<merkle::Hash> read(unsigned level, std::uint64_t index);
  merkle::SubtreeReader reader();  // borrows this
  void forget() { kept_.clear(); }
  void forget_growing();  // tiles that were not full

 private:
  struct Kept {
    unsigned level;
    std::uint64_t index;
    std::uint64_t used;                           // for choosing which to drop
    std::vector<std::vector<merkle::Hash>> rows;  // row k: roots of 2^k hashes
  };
  Result<const Kept*> tile(unsigned level, std::uint64_t index);

  TileSource source_;
  std::vector<Kept> kept_;
  std::uint64_t uses_ = 0;
};

}  // namespace amanat::tlog
