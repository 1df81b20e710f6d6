// Both checks walk the rightmost path of the tree and the path of the proof at once, one bit of
// their positions a level, as RFC 9162 §2.1.3.2 and §2.1.4.2 describe. Whether the proof's length
// fits follows from the positions alone, before any hash is compared.

#include <bit>

#include "amanat/merkle/merkle.h"

namespace amanat::merkle {
namespace {

std::unexpected<Error> wrong_length() {
  return fail(Code::invalid_input, "the proof's length does not fit the tree");
}

// Where the node is on its level and where that level ends.
struct Position {
  std::uint64_t node;
  std::uint64_t last;

  void rise(int levels = 1) {
    node >>= levels;
    last >>= levels;
  }
  // Whether the node is a right child, or stands alone at the tree's edge and its next sibling is
  // further up: then the sibling comes from the left.
  bool meets_left_sibling() const { return (node & 1) != 0 || node == last; }
  // Skips the levels on which a node at the edge has no sibling.
  void rise_along_edge() {
    if (node != 0) rise(std::countr_zero(node));
  }
};

}  // namespace

Result<> verify_inclusion(const Hash& leaf, std::uint64_t index, std::span<const Hash> proof,
                          const Root& root) {
  if (index >= root.leaves) return fail(Code::invalid_input, "index is outside the tree");
  Position at{.node = index, .last = root.leaves - 1};
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (at.last == 0) return wrong_length();
    if (at.meets_left_sibling()) {
      hash = hash_node(sibling, hash);
      at.rise_along_edge();
    } else {
      hash = hash_node(hash, sibling);
    }
    at.rise();
  }
  if (at.last != 0) return wrong_length();
  if (hash != root.hash) return fail(Code::forged, "the inclusion proof leads to another root");
  return {};
}

Result<> verify_consistency(const Root& older, const Root& newer, std::span<const Hash> proof) {
  if (older.leaves > newer.leaves) {
    return fail(Code::invalid_input, "the older tree is larger than the newer");
  }
  if (older.leaves == 0 || older.leaves == newer.leaves) {
    if (!proof.empty()) return wrong_length();
    const bool same = older.leaves != newer.leaves || older.hash == newer.hash;
    const bool empty_is_empty = older.leaves != 0 || older.hash == empty_root();
    if (!same || !empty_is_empty) return fail(Code::forged, "two roots for one size");
    return {};
  }
  // The walk starts at the last subtree of the old tree, which is the whole old tree when its size
  // is a power of two; then it is known and not in the proof.
  Position at{.node = older.leaves - 1, .last = newer.leaves - 1};
  at.rise(std::countr_one(at.node));
  const bool known = std::has_single_bit(older.leaves);
  if (!known && proof.empty()) return wrong_length();
  Hash old_hash = known ? older.hash : proof.front();
  Hash new_hash = old_hash;
  for (const Hash& sibling : proof.subspan(known ? 0 : 1)) {
    if (at.last == 0) return wrong_length();
    if (at.meets_left_sibling()) {
      old_hash = hash_node(sibling, old_hash);
      new_hash = hash_node(sibling, new_hash);
      at.rise_along_edge();
    } else {
      new_hash = hash_node(new_hash, sibling);
    }
    at.rise();
  }
  if (at.last != 0) return wrong_length();
  if (old_hash != older.hash) return fail(Code::forged, "the proof leads to another older root");
  if (new_hash != newer.hash) return fail(Code::forged, "the proof leads to another newer root");
  return {};
}

}  // namespace amanat::merkle
