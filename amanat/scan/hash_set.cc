#include "amanat/scan/hash_set.h"

#include <algorithm>
#include <utility>

namespace amanat::scan {
namespace {

std::array<std::uint8_t, 32> padded(ByteView digest) {
  std::array<std::uint8_t, 32> all{};
  std::ranges::copy(digest.first(std::min(digest.size(), all.size())), all.begin());
  return all;
}

}  // namespace

HashSet::HashSet(std::span<const Item> items) {
  for (const auto& [signature, number] : items) {
    entries_.at(static_cast<std::size_t>(signature.kind))
        .push_back({.size = signature.size.value_or(kAnySize),
                    .digest = padded(signature.digest),
                    .number = number});
  }
  for (auto& entries : entries_) {
    std::ranges::sort(entries, {},
                      [](const Entry& e) { return std::tuple(e.size, e.digest, e.number); });
    entries.shrink_to_fit();
  }
}

bool HashSet::asks_for(crypto::DigestKind kind, std::uint64_t size) const {
  const auto& entries = of(kind);
  if (!entries.empty() && entries.back().size == kAnySize) return true;
  return std::ranges::binary_search(entries, size, {}, &Entry::size);
}

std::optional<std::uint32_t> HashSet::find(crypto::DigestKind kind, std::uint64_t size,
                                           ByteView digest) const {
  const auto wanted = padded(digest);
  for (const std::uint64_t listed : {size, kAnySize}) {
    const auto it =
        std::ranges::lower_bound(of(kind), std::pair(listed, wanted), {},
                                 [](const Entry& e) { return std::pair(e.size, e.digest); });
    if (it != of(kind).end() && it->size == listed && it->digest == wanted) return it->number;
  }
  return std::nullopt;
}

}  // namespace amanat::scan
