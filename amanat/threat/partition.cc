#include "amanat/threat/partition.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "amanat/match/match.h"
#include "amanat/threat/sections.h"

namespace amanat::threat {
namespace {

bool is_same_use(const AnchorUse& a, const AnchorUse& b) {
  return std::tie(a.literal, a.pattern, a.part, a.distance, a.spread)
         == std::tie(b.literal, b.pattern, b.part, b.distance, b.spread);
}

struct Rows {
  std::vector<match::Literal> literals;
  std::vector<std::uint32_t> anchor_uses;
  std::vector<UseRow> uses;
  std::vector<std::uint32_t> users;
};

Rows rows_of(std::span<const AnchorUse> sorted, std::span<const AnchorLiteral> literals) {
  Rows rows;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const AnchorUse& use = sorted[i];
    if (i == 0 || sorted[i - 1].literal != use.literal) {
      const AnchorLiteral& literal = literals[use.literal];
      rows.literals.push_back({.bytes = literal.bytes,
                               .nocase = literal.nocase,
                               .id = static_cast<std::uint32_t>(rows.anchor_uses.size()),
                               .groups = 0});
      rows.anchor_uses.push_back(static_cast<std::uint32_t>(rows.uses.size()));
    }
    if (i == 0 || !is_same_use(sorted[i - 1], use)) {
      rows.uses.push_back({use.pattern, use.part, use.distance, use.spread,
                           static_cast<std::uint32_t>(rows.users.size()), 0, 0});
    }
    rows.users.push_back(use.user);
    rows.literals.back().groups |= use.targets;
    rows.uses.back().targets |= use.targets;
    ++rows.uses.back().user_count;
  }
  rows.anchor_uses.push_back(static_cast<std::uint32_t>(rows.uses.size()));
  return rows;
}

// The places seen of a pattern are all there are when they are places of one part.
Bytes covered_patterns(std::span<const UseRow> uses, std::uint32_t target,
                       std::size_t pattern_count) {
  std::map<std::uint32_t, std::pair<std::uint32_t, bool>> parts;  // and whether they are mixed
  for (const UseRow& use : uses) {
    if ((use.targets >> target & 1) == 0) continue;
    const auto [known, is_new] = parts.try_emplace(use.pattern, use.part, false);
    if (known->second.first != use.part) known->second.second = true;
  }
  Bytes covered((pattern_count + 7) / 8);
  for (const auto& [pattern, part] : parts) {
    if (part.second) continue;
    std::uint8_t& byte = covered[pattern / 8];
    byte = static_cast<std::uint8_t>(byte | (1U << (pattern % 8)));
  }
  return covered;
}
}  // namespace

Result<> write_anchors(ImageWriter& writer, std::vector<AnchorUse> uses,
                       std::span<const AnchorLiteral> literals, std::size_t pattern_count) {
  std::ranges::sort(uses);
  const Rows rows = rows_of(uses, literals);
  if (rows.literals.empty()) return {};
  auto index = match::build_index(rows.literals, signature::kTargetCount);
  if (!index) return carry(index, "indexing the anchors of signatures");
  writer.add(section::kIndex, std::move(*index));
  writer.add_rows<std::uint32_t>(section::kAnchorUses, rows.anchor_uses);
  writer.add_rows<UseRow>(section::kUses, rows.uses);
  writer.add_rows<std::uint32_t>(section::kUsers, rows.users);
  std::uint32_t targets = 0;
  for (const UseRow& use : rows.uses) targets |= use.targets;
  for (std::uint32_t target = 0; target < signature::kTargetCount; ++target) {
    if ((targets >> target & 1) == 0) continue;
    writer.add({section::kCovered, target}, covered_patterns(rows.uses, target, pattern_count));
  }
  return {};
}

}  // namespace amanat::threat
