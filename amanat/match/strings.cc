#include "amanat/match/strings.h"

#include <algorithm>
#include <compare>

namespace amanat::match {
namespace {

struct Sorted {
  Bytes bytes;
  bool folded;
  std::uint32_t id;
  auto operator<=>(const Sorted&) const = default;
};

// A literal without letters has no nocase.
bool needs_folding(const Literal& literal) {
  return literal.nocase && std::ranges::any_of(literal.bytes, [](std::uint8_t byte) {
           return fold(byte) >= 'a' && fold(byte) <= 'z';
         });
}

std::vector<Sorted> sort_literals(std::span<const Literal> literals) {
  std::vector<Sorted> sorted;
  sorted.reserve(literals.size());
  for (const Literal& literal : literals) {
    sorted.push_back({literal.bytes, needs_folding(literal), literal.id});
    if (!sorted.back().folded) continue;
    for (std::uint8_t& byte : sorted.back().bytes) byte = fold(byte);
  }
  std::ranges::sort(sorted);
  sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
  return sorted;
}

}  // namespace

Strings collect_strings(std::span<const Literal> literals) {
  Strings strings;
  const auto begin_row = [&] {
    strings.rows.push_back({static_cast<std::uint32_t>(strings.bytes.size()),
                            static_cast<std::uint32_t>(strings.ids.size())});
  };
  const std::vector<Sorted> sorted = sort_literals(literals);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Sorted& one = sorted[i];
    if (i == 0 || one.bytes != sorted[i - 1].bytes || one.folded != sorted[i - 1].folded) {
      begin_row();
      strings.folded.push_back(one.folded);
      append(strings.bytes, one.bytes);
    }
    strings.ids.push_back(one.id);
  }
  begin_row();
  return strings;
}

}  // namespace amanat::match
