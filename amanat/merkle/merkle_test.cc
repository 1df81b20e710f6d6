#include "amanat/merkle/merkle.h"

#include <bit>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::merkle;

namespace {

constexpr std::uint64_t kLeavesMax = 65;

std::vector<Hash> make_leaves(std::uint64_t count) {
  std::vector<Hash> leaves;
  for (std::uint64_t i = 0; i < count; ++i) {
    leaves.push_back(hash_leaf(as_bytes("entry " + std::to_string(i))));
  }
  return leaves;
}

const std::vector<Hash>& leaves() {
  static const std::vector<Hash> made = make_leaves(kLeavesMax);
  return made;
}

// RFC 6962 §2.1, word for word: the slow definition that the fast code must meet.
Hash defined_root(std::span<const Hash> range) {
  if (range.empty()) return empty_root();
  if (range.size() == 1) return range[0];
  const std::size_t k = std::bit_floor(range.size() - 1);
  return hash_node(defined_root(range.first(k)), defined_root(range.subspan(k)));
}

const Root& root_at(std::uint64_t size) {
  static const std::vector<Root> made = [] {
    std::vector<Root> roots;
    for (std::uint64_t leaf_count = 0; leaf_count <= kLeavesMax; ++leaf_count) {
      roots.push_back(
          {.leaves = leaf_count, .hash = defined_root(std::span(leaves()).first(leaf_count))});
    }
    return roots;
  }();
  return made.at(size);
}

Proof inclusion_of(std::uint64_t index, std::uint64_t size) {
  auto proof = prove_inclusion(index, size, reader_over(leaves()));
  REQUIRE(proof.has_value());
  return *proof;
}

Proof consistency_of(std::uint64_t old_size, std::uint64_t size) {
  auto proof = prove_consistency(old_size, size, reader_over(leaves()));
  REQUIRE(proof.has_value());
  return *proof;
}

Hash bent(const Hash& hash, std::size_t bit) {
  Hash copy = hash;
  copy.fill()[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  return copy;
}

Hash hash_of(std::string_view hex) {
  auto hash = Hash::from_hex(hex);
  REQUIRE(hash.has_value());
  return *hash;
}

}  // namespace

TEST_CASE("known entries lead to the roots that other implementations publish") {
  // The eight entries and roots of the Certificate Transparency test suite.
  const auto entries =
      std::to_array<std::string_view>({"", "00", "10", "2021", "3031", "40414243",
                                       "5051525354555657", "606162636465666768696a6b6c6d6e6f"});
  const auto roots = std::to_array<std::string_view>({
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  });
  Edge edge;
  CHECK(edge.root().hash.hex()
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto entry = amanat::from_hex(entries.at(i));
    REQUIRE(entry.has_value());
    edge.append(hash_leaf(*entry));
    CHECK(edge.root() == Root{.leaves = i + 1, .hash = hash_of(roots.at(i))});
  }
}

TEST_CASE("every way to the root meets the definition of RFC 6962") {
  Edge edge;
  for (std::uint64_t size = 0; size <= kLeavesMax; ++size) {
    CAPTURE(size);
    const Root& expected = root_at(size);
    CHECK(root_of(std::span(leaves()).first(size)) == expected.hash);
    CHECK(*read_root(size, reader_over(leaves())) == expected.hash);
    CHECK(edge.root() == expected);
    const auto hashes = edge.hashes();
    const auto restored = Edge::from(size, {hashes.begin(), hashes.end()});
    REQUIRE(restored.has_value());
    CHECK(restored->root() == expected);
    if (size < kLeavesMax) edge.append(leaves()[size]);
  }
}

TEST_CASE("an edge with too few or too many hashes is corrupt") {
  CHECK(Edge::from(3, {leaves()[0]}).error().code == Code::corrupt);
  CHECK(Edge::from(0, {leaves()[0]}).error().code == Code::corrupt);
  CHECK(Edge::from(0, {}).has_value());
}

TEST_CASE("every entry of every small tree is proved, and under no other root or index") {
  for (std::uint64_t size = 1; size <= kLeavesMax; ++size) {
    const Root& root = root_at(size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = inclusion_of(index, size);
      const Hash& leaf = leaves()[index];
      REQUIRE(verify_inclusion(leaf, index, proof, root).has_value());
      int accepted = 0;  // of what must be refused
      for (std::uint64_t other = 0; other < size + 2; ++other) {
        if (other != index && verify_inclusion(leaf, other, proof, root)) ++accepted;
      }
      for (std::uint64_t other = 0; other <= kLeavesMax; ++other) {
        if (other != size && verify_inclusion(leaf, index, proof, root_at(other))) ++accepted;
      }
      REQUIRE(accepted == 0);
    }
  }
}

TEST_CASE("every bit of an inclusion proof counts") {
  for (const std::uint64_t size : {1U, 2U, 5U, 7U, 8U, 13U}) {
    const Root& root = root_at(size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = inclusion_of(index, size);
      for (std::size_t bit = 0; bit < 256; ++bit) {
        const Root bent_root{.leaves = size, .hash = bent(root.hash, bit)};
        CHECK(verify_inclusion(leaves()[index], index, proof, bent_root).error().code
              == Code::forged);
        CHECK(verify_inclusion(bent(leaves()[index], bit), index, proof, root).error().code
              == Code::forged);
        for (std::size_t i = 0; i < proof.size(); ++i) {
          Proof bent_proof = proof;
          bent_proof[i] = bent(proof[i], bit);
          CHECK(verify_inclusion(leaves()[index], index, bent_proof, root).error().code
                == Code::forged);
        }
      }
    }
  }
}

TEST_CASE("a proof that is too short or too long is no proof") {
  for (std::uint64_t size = 1; size <= kLeavesMax; ++size) {
    const std::uint64_t index = size / 2;
    Proof proof = inclusion_of(index, size);
    proof.push_back(leaves()[0]);
    CHECK(verify_inclusion(leaves()[index], index, proof, root_at(size)).error().code
          == Code::invalid_input);
    proof.pop_back();
    if (proof.empty()) continue;
    proof.pop_back();
    CHECK(verify_inclusion(leaves()[index], index, proof, root_at(size)).error().code
          == Code::invalid_input);
  }
  CHECK(verify_inclusion(leaves()[0], 0, {}, root_at(0)).error().code == Code::invalid_input);
}

TEST_CASE("every small tree is proved to begin with every smaller one, and with no other") {
  for (std::uint64_t size = 0; size <= kLeavesMax; ++size) {
    const Root& newer = root_at(size);
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
      const Root& older = root_at(old_size);
      const Proof proof = consistency_of(old_size, size);
      REQUIRE(verify_consistency(older, newer, proof).has_value());
      // The empty tree is a beginning of every tree, without proof; nothing else goes without.
      if (old_size == 0) continue;
      int accepted = 0;  // of what must be refused
      for (std::uint64_t other = 0; other <= kLeavesMax; ++other) {
        const Root& wrong = root_at(other);
        const bool trivial = proof.empty() && other == 0;
        if (other != old_size && !trivial && verify_consistency(wrong, newer, proof)) ++accepted;
        if (other != size && verify_consistency(older, wrong, proof)) ++accepted;
      }
      REQUIRE(accepted == 0);
    }
  }
}

TEST_CASE("every bit of a consistency proof counts") {
  for (const std::uint64_t size : {2U, 5U, 7U, 8U, 13U}) {
    const Root& newer = root_at(size);
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Root& older = root_at(old_size);
      const Proof proof = consistency_of(old_size, size);
      for (std::size_t bit = 0; bit < 256; ++bit) {
        const Root bent_old{.leaves = old_size, .hash = bent(older.hash, bit)};
        const Root bent_new{.leaves = size, .hash = bent(newer.hash, bit)};
        CHECK(verify_consistency(bent_old, newer, proof).error().code == Code::forged);
        CHECK(verify_consistency(older, bent_new, proof).error().code == Code::forged);
        for (std::size_t i = 0; i < proof.size(); ++i) {
          Proof bent_proof = proof;
          bent_proof[i] = bent(proof[i], bit);
          CHECK(verify_consistency(older, newer, bent_proof).error().code == Code::forged);
        }
      }
      Proof longer = proof;
      longer.push_back(leaves()[0]);
      CHECK(verify_consistency(older, newer, longer).error().code == Code::invalid_input);
      if (proof.empty()) continue;
      const auto shorter = std::span(proof).first(proof.size() - 1);
      CHECK(verify_consistency(older, newer, shorter).error().code == Code::invalid_input);
    }
  }
}

TEST_CASE("the empty tree has one root, and grows into anything") {
  const Root& empty = root_at(0);
  CHECK(verify_consistency(empty, root_at(9), {}).has_value());
  CHECK(verify_consistency(empty, empty, {}).has_value());
  const Root false_empty{.leaves = 0, .hash = leaves()[0]};
  CHECK(verify_consistency(false_empty, root_at(9), {}).error().code == Code::forged);
  CHECK(verify_consistency(false_empty, false_empty, {}).error().code == Code::forged);
  CHECK(verify_consistency(empty, false_empty, {}).error().code == Code::forged);
}

TEST_CASE("provers refuse what lies outside the tree and pass a reader's failure up") {
  const SubtreeReader read = reader_over(leaves());
  CHECK(prove_inclusion(5, 5, read).error().code == Code::invalid_input);
  CHECK(prove_inclusion(0, 0, read).error().code == Code::invalid_input);
  CHECK(prove_consistency(6, 5, read).error().code == Code::invalid_input);
  CHECK(prove_inclusion(0, kLeavesMax + 1, read).error().code == Code::invalid_input);
  const SubtreeReader broken = [](unsigned, std::uint64_t) -> Result<Hash> {
    return fail(Code::unavailable, "no tile");
  };
  CHECK(prove_inclusion(3, 8, broken).error().code == Code::unavailable);
  CHECK(prove_consistency(3, 8, broken).error().code == Code::unavailable);
  CHECK(read_root(8, broken).error().code == Code::unavailable);
}

TEST_CASE("positions near 2^64 neither wrap nor run on") {
  const std::uint64_t most = ~std::uint64_t{0};
  const Root huge{.leaves = most, .hash = leaves()[0]};
  const Proof proof(64, leaves()[1]);
  CHECK(verify_inclusion(leaves()[0], most - 1, proof, huge).error().code == Code::invalid_input);
  CHECK(verify_inclusion(leaves()[0], 0, proof, huge).error().code == Code::forged);
  CHECK(verify_inclusion(leaves()[0], most, proof, huge).error().code == Code::invalid_input);
  const Root half{.leaves = std::uint64_t{1} << 63, .hash = leaves()[0]};
  CHECK(verify_consistency(half, huge, proof).error().code == Code::invalid_input);
  CHECK(verify_consistency(half, huge, Proof(1, leaves()[1])).error().code == Code::forged);
  // From memory of all subtrees, whatever their hash: the prover terminates with 64 hashes.
  const SubtreeReader same = [](unsigned, std::uint64_t) -> Result<Hash> { return Hash{}; };
  CHECK(prove_inclusion(0, most, same)->size() == 64);
}
