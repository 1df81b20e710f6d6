#pragma once

// A binary fuse filter: says "yes" for one of 256 keys that were never put in, and always for those
// that were, in 9 bits a key (Graf and Lemire, "Binary Fuse Filters", 2022).
//
// Each key has three places, in three segments next to each other, which xor to the key's
// fingerprint. Building peels keys off places that only one key uses, and assigns in the reverse
// order; if a seed does not peel, the next one does. Looking up reads three places within 3
// segments.

#include <cstdint>
#include <optional>
#include <span>

#include "amanat/bytes/bytes.h"

namespace amanat::threat {

/// Builds the filter of `keys`, which differ from each other and are spread evenly (digests).
/// Costs 30 bytes of memory a key while it runs. Nothing in, nothing out.
Bytes build_filter(std::span<const std::uint64_t> keys);

/// Looks into a filter where it lies; borrows. Bytes that are no filter say "maybe" to all.
class Filter {
 public:
  explicit Filter(ByteView image);
  bool may_contain(std::uint64_t key) const;

 private:
  std::uint64_t seed_ = 0;
  std::uint32_t segment_length_ = 0;
  std::uint32_t segment_count_ = 0;
  ByteView fingerprints_;
};

}  // namespace amanat::threat
