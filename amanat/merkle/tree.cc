#include <bit>

#include "amanat/crypto/crypto.h"
#include "amanat/merkle/merkle.h"

namespace amanat::merkle {
namespace {

constexpr std::uint8_t kLeafPrefix = 0x00;
constexpr std::uint8_t kNodePrefix = 0x01;

Hash named(const crypto::Hash& hash) {
  Hash named;
  std::memcpy(named.fill().data(), hash.bytes().data(), Hash::kSize);
  return named;
}

}  // namespace

Hash hash_leaf(ByteView entry) { return named(crypto::sha256({ByteView(&kLeafPrefix, 1), entry})); }

Hash hash_node(const Hash& left, const Hash& right) {
  // One buffer and one call: a node is hashed so often that three updates would show.
  std::array<std::uint8_t, 1 + 2 * Hash::kSize> node{};
  node[0] = kNodePrefix;
  std::memcpy(node.data() + 1, left.bytes().data(), Hash::kSize);
  std::memcpy(node.data() + 1 + Hash::kSize, right.bytes().data(), Hash::kSize);
  return named(crypto::sha256(ByteView(node)));
}

Hash empty_root() { return named(crypto::sha256(ByteView())); }

Hash root_of(std::span<const Hash> leaves) {
  Edge edge;
  for (const Hash& leaf : leaves) edge.append(leaf);
  return edge.root().hash;
}

Result<Edge> Edge::from(std::uint64_t leaves, std::vector<Hash> hashes) {
  if (hashes.size() != static_cast<std::size_t>(std::popcount(leaves))) {
    return fail(Code::corrupt, "the edge of a tree has one hash for each bit of its size");
  }
  Edge edge;
  edge.leaves_ = leaves;
  edge.hashes_ = std::move(hashes);
  return edge;
}

// Adding a leaf is adding 1 to the size: each carry joins two subtrees of the same size.
void Edge::append(const Hash& leaf) {
  ensure(leaves_ != ~std::uint64_t{0}, "a tree has fewer than 2^64 leaves");
  Hash node = leaf;
  for (std::uint64_t bits = leaves_; (bits & 1) != 0; bits >>= 1) {
    node = hash_node(hashes_.back(), node);
    hashes_.pop_back();
  }
  hashes_.push_back(node);
  ++leaves_;
}

Root Edge::root() const {
  if (leaves_ == 0) return {.leaves = 0, .hash = empty_root()};
  Hash hash = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i > 0; --i) hash = hash_node(hashes_[i - 1], hash);
  return {.leaves = leaves_, .hash = hash};
}

}  // namespace amanat::merkle
