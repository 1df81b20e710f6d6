#include "amanat/threat/unanchored.h"

#include <algorithm>

#include "amanat/threat/conditions.h"

namespace amanat::threat {

Unanchored::Unanchored(const Database::Tables& tables, const Partition& partition) {
  // What a damaged database names and does not have is never a candidate.
  for (const std::uint32_t signature : partition.without_anchor) {
    const bool is_there = signature < tables.signatures.size()
                          && tables.signatures[signature].conditions < tables.conditions.size();
    if (is_there) members_.push_back(signature);
  }
  const auto conditions_of = [&](std::uint32_t signature) {
    return tables.signatures[signature].conditions;
  };
  std::ranges::sort(members_, {}, conditions_of);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::uint32_t conditions = conditions_of(members_[i]);
    if (groups_.empty() || groups_.back().conditions != conditions) {
      groups_.push_back({.conditions = conditions, .begin = i, .end = i});
    }
    ++groups_.back().end;
  }
}

void Unanchored::add_candidates(const Database::Tables& tables, std::uint64_t size,
                                const ObjectFacts& facts,
                                std::vector<std::uint32_t>& candidates) const {
  for (const Group& group : groups_) {
    if (!conditions_hold(tables.conditions[group.conditions], size, facts)) continue;
    candidates.insert(candidates.end(), members_.begin() + static_cast<std::ptrdiff_t>(group.begin),
                      members_.begin() + static_cast<std::ptrdiff_t>(group.end));
  }
}

}  // namespace amanat::threat
