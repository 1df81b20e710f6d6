#include "amanat/match/strings.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>
#include <utility>

namespace amanat::match {
namespace {

struct String {
  Bytes bytes;
  bool folded = false;
  std::vector<Id> ids;

  std::uint32_t groups() const {
    std::uint32_t groups = 0;
    for (const Id& id : ids) groups |= id.groups;
    return groups;
  }
};

// A literal without letters has no nocase.
bool needs_folding(const Literal& literal) {
  return literal.nocase && std::ranges::any_of(literal.bytes, [](std::uint8_t byte) {
           return fold(byte) >= 'a' && fold(byte) <= 'z';
         });
}

// Equal ones once.
std::vector<String> join_literals(std::span<const Literal> literals) {
  std::map<std::pair<Bytes, bool>, std::map<std::uint32_t, std::uint32_t>> known;
  for (const Literal& literal : literals) {
    const bool folded = needs_folding(literal);
    Bytes bytes = literal.bytes;
    if (folded) std::ranges::transform(bytes, bytes.begin(), fold);
    known[{std::move(bytes), folded}][literal.id] |= literal.groups;
  }
  std::vector<String> strings;
  strings.reserve(known.size());
  for (const auto& [string, ids] : known) {
    strings.push_back({.bytes = string.first, .folded = string.second, .ids = {}});
    for (const auto& [id, groups] : ids) strings.back().ids.push_back({id, groups});
  }
  return strings;
}

// 0 for those of several groups, and one more than its number for those of one.
std::uint32_t place_of(std::uint32_t groups) {
  return std::popcount(groups) == 1 ? static_cast<std::uint32_t>(std::bit_width(groups)) : 0;
}

}  // namespace

Strings collect_strings(std::span<const Literal> literals) {
  std::vector<String> sorted = join_literals(literals);
  std::ranges::sort(sorted, [](const String& a, const String& b) {
    return std::forward_as_tuple(place_of(a.groups()), a.bytes, a.folded)
           < std::forward_as_tuple(place_of(b.groups()), b.bytes, b.folded);
  });
  Strings strings;
  const auto begin_row = [&] {
    strings.rows.push_back({static_cast<std::uint32_t>(strings.bytes.size()),
                            static_cast<std::uint32_t>(strings.ids.size())});
  };
  for (const String& string : sorted) {
    begin_row();
    strings.folded.push_back(string.folded);
    append(strings.bytes, string.bytes);
    strings.ids.insert(strings.ids.end(), string.ids.begin(), string.ids.end());
  }
  begin_row();
  return strings;
}

}  // namespace amanat::match
