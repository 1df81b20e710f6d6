#pragma once

// Index segments say in which pack each blob of a compartment lies (docs/format.md §9), so that one
// small read finds what is known already and a restore fetches only what it needs.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "amanat/seal/pack.h"

namespace amanat::seal {

inline constexpr std::size_t kIndexPacksBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kIndexEntriesBytesMax = std::size_t{1} << 22;

struct IndexPack {
  PackId id;
  std::uint32_t frames = 0;
  Generation generation = 0;
  friend bool operator==(const IndexPack&, const IndexPack&) = default;
};

struct IndexEntry {
  std::uint32_t pack = 0;  // index into the segment's packs
  PackEntry place;
  friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

struct IndexSegment {
  static constexpr std::string_view kWhat = "index segment";

  std::vector<IndexPack> packs;     // at most 27,594
  std::vector<IndexEntry> entries;  // strictly ascending by name; at most 80,659

  Bytes encode() const;
  static Result<IndexSegment> parse(ByteView bytes);

  /// The entry with this name, by binary search; nullptr when there is none.
  const IndexEntry* find(const BlobName& name) const;

  friend bool operator==(const IndexSegment&, const IndexSegment&) = default;
};

/// A pack and its directory, for indexing.
struct IndexedPack {
  IndexPack pack;
  std::vector<PackEntry> entries;
};

/// Segments that name every blob of these packs, as few as the limits allow. A name that is found
/// twice within one segment is kept once.
std::vector<IndexSegment> index_packs(std::span<const IndexedPack> packs);

}  // namespace amanat::seal
