#pragma once

// Proves that an entry is in a log, and that a log only grew, to someone who holds only the root
// (RFC 6962 §2.1, RFC 9162 §2.1.3 and §2.1.4).
//
// Leaves hash as SHA-256(0x00 || entry), nodes as SHA-256(0x01 || left || right); the first byte
// keeps a node from passing for a leaf. Proofs list hashes from the leaf towards the root. The same
// tree names packs (4 KiB leaves) and holds the ledger (one entry a leaf).

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::merkle {

using Hash = Id<struct MerkleTag, 32>;
using Proof = std::vector<Hash>;
inline constexpr std::size_t kProofHashesMax = 64;

/// A tree seen from outside: how many leaves it has and the hash at its top.
struct Root {
  std::uint64_t leaves = 0;  // 0 is the empty tree, whose hash is SHA-256 of nothing
  Hash hash;
  friend bool operator==(const Root&, const Root&) = default;
};

Hash hash_leaf(ByteView entry);
Hash hash_node(const Hash& left, const Hash& right);
Hash empty_root();

/// The root over all leaf hashes.
Hash root_of(std::span<const Hash> leaves);

/// The right edge of a growing tree: at most 64 hashes, whatever the size.
class Edge {
 public:
  Edge() = default;
  /// Restores an edge from what `hashes()` gave; `corrupt` when the count does not fit the size.
  static Result<Edge> from(std::uint64_t leaves, std::vector<Hash> hashes);
  void append(const Hash& leaf);
  Root root() const;
  std::uint64_t leaves() const { return leaves_; }
  /// Roots of the perfect subtrees from the largest (leftmost) to the smallest.
  std::span<const Hash> hashes() const { return hashes_; }

 private:
  std::uint64_t leaves_ = 0;
  std::vector<Hash> hashes_;
};

/// Gives the hash of the perfect subtree at `level` whose leaves are
/// [index << level, (index + 1) << level): from memory, tiles or a database.
using SubtreeReader = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

/// The proof that leaf `index` is in the tree of `size` leaves; asks only for perfect subtrees.
Result<Proof> prove_inclusion(std::uint64_t index, std::uint64_t size, const SubtreeReader& read);
/// The proof that the tree of `old_size` leaves is a beginning of that of `size`; empty when
/// old_size is 0 or equals size.
Result<Proof> prove_consistency(std::uint64_t old_size, std::uint64_t size,
                                const SubtreeReader& read);
/// The root of the first `size` leaves.
Result<Hash> read_root(std::uint64_t size, const SubtreeReader& read);

/// A reader over leaf hashes in memory; borrows them.
SubtreeReader reader_over(std::span<const Hash> leaves);

/// Checks that `leaf` is entry number `index` of the tree under `root`.
///
///   fails    invalid_input when index or the length of the proof does not fit root.leaves
///            forged when the proof leads to another hash
Result<> verify_inclusion(const Hash& leaf, std::uint64_t index, std::span<const Hash> proof,
                          const Root& root);

/// Checks that the tree under `older` is a beginning of the tree under `newer`.
///
///   fails    invalid_input when sizes or the length of the proof do not fit
///            forged when it leads to another hash: keep both roots
Result<> verify_consistency(const Root& older, const Root& newer, std::span<const Hash> proof);

}  // namespace amanat::merkle
