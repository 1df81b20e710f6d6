// Proofs are lists of siblings, so a prover walks from the root towards a leaf, notes the range of
// leaves it does not enter at each turn, and at the end reads one hash for each range.

#include <bit>

#include "amanat/merkle/merkle.h"

namespace amanat::merkle {
namespace {

// Leaves from `begin` up to and without `end`. The ranges here all start at a multiple of the
// largest power of two below their size, so they fall into perfect subtrees.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t size() const { return end - begin; }
  // RFC 6962 §2.1: the left part has the largest power of two of leaves that is less than all.
  std::uint64_t split() const { return begin + std::bit_floor(size() - 1); }
};

Result<Hash> read_perfect(Range range, const SubtreeReader& read) {
  const int level = std::countr_zero(range.size());
  auto hash = read(static_cast<unsigned>(level), range.begin >> level);
  if (!hash) return carry(hash, "reading a subtree");
  return hash;
}

// A range of any size is perfect subtrees from large to small, one for each bit of its size.
Result<Hash> read_range(Range range, const SubtreeReader& read) {
  if (std::has_single_bit(range.size())) return read_perfect(range, read);
  std::vector<Hash> hashes;
  for (Range rest = range; rest.size() > 0;) {
    const Range largest{.begin = rest.begin, .end = rest.begin + std::bit_floor(rest.size())};
    auto hash = read_perfect(largest, read);
    if (!hash) return carry(hash);
    hashes.push_back(*hash);
    rest.begin = largest.end;
  }
  auto edge = Edge::from(range.size(), std::move(hashes));
  if (!edge) return carry(edge);
  return edge->root().hash;
}

Result<Proof> read_proof(std::span<const Range> from_root, const SubtreeReader& read) {
  Proof proof;
  proof.reserve(from_root.size());
  for (std::size_t i = from_root.size(); i > 0; --i) {
    auto hash = read_range(from_root[i - 1], read);
    if (!hash) return carry(hash);
    proof.push_back(*hash);
  }
  return proof;
}

}  // namespace

Result<Hash> read_root(std::uint64_t size, const SubtreeReader& read) {
  return read_range({.begin = 0, .end = size}, read);
}

Result<Proof> prove_inclusion(std::uint64_t index, std::uint64_t size, const SubtreeReader& read) {
  if (index >= size) return fail(Code::invalid_input, "index is outside the tree");
  std::vector<Range> siblings;
  siblings.reserve(kProofHashesMax);
  for (Range range{.begin = 0, .end = size}; range.size() > 1;) {
    const std::uint64_t middle = range.split();
    if (index < middle) {
      siblings.push_back({.begin = middle, .end = range.end});
      range.end = middle;
    } else {
      siblings.push_back({.begin = range.begin, .end = middle});
      range.begin = middle;
    }
  }
  return read_proof(siblings, read);
}

// RFC 6962 §2.1.2: go down to the subtree that ends where the old tree ended.
Result<Proof> prove_consistency(std::uint64_t old_size, std::uint64_t size,
                                const SubtreeReader& read) {
  if (old_size > size) return fail(Code::invalid_input, "the older tree is larger than the newer");
  if (old_size == 0 || old_size == size) return Proof{};
  std::vector<Range> siblings;
  siblings.reserve(kProofHashesMax);
  Range range{.begin = 0, .end = size};
  while (range.end != old_size) {
    const std::uint64_t middle = range.split();
    if (old_size <= middle) {
      siblings.push_back({.begin = middle, .end = range.end});
      range.end = middle;
    } else {
      siblings.push_back({.begin = range.begin, .end = middle});
      range.begin = middle;
    }
  }
  // A verifier who holds the old root knows this subtree only if it is the whole old tree.
  if (range.begin != 0) siblings.push_back(range);
  return read_proof(siblings, read);
}

SubtreeReader reader_over(std::span<const Hash> leaves) {
  return [leaves](unsigned level, std::uint64_t index) -> Result<Hash> {
    if (level >= 64 || index >= (leaves.size() >> level)) {
      return fail(Code::invalid_input, "a subtree outside the tree");
    }
    const std::size_t size = std::size_t{1} << level;
    return root_of(leaves.subspan(index << level, size));
  };
}

}  // namespace amanat::merkle
