#pragma once

// Whole-file digests of known files, asked by size first: most files have a size that nobody
// listed, and then no digest is computed at all.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/scan/signatures.h"

namespace amanat::scan {

inline constexpr auto kDigestKinds = std::to_array<crypto::DigestKind>(
    {crypto::DigestKind::sha256, crypto::DigestKind::sha1, crypto::DigestKind::md5});

class HashSet {
 public:
  HashSet() = default;
  /// One signature and what `find` answers for it.
  struct Item {
    HashSignature signature;
    std::uint32_t number = 0;
  };
  explicit HashSet(std::span<const Item> items);

  /// Whether some signature has this size or any, so that the digest is worth computing.
  bool asks_for(crypto::DigestKind kind, std::uint64_t size) const;

  /// The number of a signature with this digest for this size.
  std::optional<std::uint32_t> find(crypto::DigestKind kind, std::uint64_t size,
                                    ByteView digest) const;

 private:
  struct Entry {
    std::uint64_t size = 0;
    std::array<std::uint8_t, 32> digest{};  // shorter ones are followed by zeros
    std::uint32_t number = 0;
  };
  static constexpr std::uint64_t kAnySize = ~std::uint64_t{0};

  const std::vector<Entry>& of(crypto::DigestKind kind) const {
    return entries_.at(static_cast<std::size_t>(kind));
  }
  std::array<std::vector<Entry>, kDigestKinds.size()> entries_;  // sorted by size, then digest
};

}  // namespace amanat::scan
