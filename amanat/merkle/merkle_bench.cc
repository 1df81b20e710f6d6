// What the tree promises: a million appended leaves and 50,000 verified inclusions a second in a
// tree of a million, on one busy core; quiet ones do several times that.

#include "amanat/merkle/merkle.h"

#include <chrono>
#include <cstdio>
#include <vector>

using namespace amanat;
using namespace amanat::merkle;

namespace {

template <class Work>
void measure(const char* what, std::size_t count, Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("%-36s %10.0f /s\n", what, static_cast<double>(count) / seconds.count());
}

}  // namespace

int main() {
  constexpr std::size_t kLeaves = 1'000'000;
  constexpr std::size_t kProofs = 20'000;
  constexpr std::size_t kPackLeaves = 4097;
  std::vector<Hash> leaves(kLeaves);
  const Bytes entry(128, 7);
  measure("leaf of 128 bytes", kLeaves, [&] {
    for (Hash& leaf : leaves) leaf = hash_leaf(entry);
  });
  Edge edge;
  measure("append a leaf hash", kLeaves, [&] {
    for (const Hash& leaf : leaves) edge.append(leaf);
  });
  // All leaves are alike, so every subtree of one level has one hash.
  std::vector<Hash> levels{leaves[0]};
  while (levels.size() < 20) levels.push_back(hash_node(levels.back(), levels.back()));
  const SubtreeReader read = [&](unsigned level, std::uint64_t) -> Result<Hash> {
    return levels.at(level);
  };
  std::vector<Proof> proofs(kProofs);
  measure("prove inclusion, subtrees at hand", kProofs, [&] {
    for (std::size_t i = 0; i < kProofs; ++i) proofs[i] = *prove_inclusion(i * 49, kLeaves, read);
  });
  const Root root = edge.root();
  measure("verify inclusion among a million", kProofs, [&] {
    for (std::size_t i = 0; i < kProofs; ++i) {
      const auto held = verify_inclusion(leaves[0], i * 49, proofs[i], root);
      ensure(held.has_value(), "the proof holds");
    }
  });
  const Bytes block(4096, 1);
  constexpr std::size_t kPacks = 20;
  measure("pack id, MB", kPacks * kPackLeaves * block.size() / 1'000'000, [&] {
    for (std::size_t pack = 0; pack < kPacks; ++pack) {
      Edge pack_edge;
      for (std::size_t i = 0; i < kPackLeaves; ++i) pack_edge.append(hash_leaf(block));
      ensure(pack_edge.root().leaves == kPackLeaves, "every leaf was added");
    }
  });
  return 0;
}
