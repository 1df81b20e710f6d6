// The truth of logical signatures, in the order in which the engine finds it out: bodies and
// macros, byte comparisons, regular expressions, the expression, the conditions.

#include <algorithm>

#include "amanat/signature/byte_compare.h"
#include "amanat/signature/reference.h"

namespace amanat::signature {
namespace {

/// How often each subsignature matched, and where it began the last time.
struct Counts {
  std::vector<std::uint32_t> matches;
  std::vector<std::optional<std::uint64_t>> last;
};

/// A subsignature with a macro behind it. Each of its matches but the first asks whether the one
/// before it was followed, by then, by a match of the group; if not, that one is taken back. A
/// single match asks nothing, so that its macro does not match either.
class MacroCount {
 public:
  MacroCount(const Macro& macro, Counts& counts, std::size_t index)
      : macro_(macro), counts_(counts), index_(index) {}

  void count(const std::vector<Match>& bodies, const std::vector<std::uint64_t>& group) {
    auto seen = group.begin();
    for (const Match& body : bodies) {
      for (; seen != group.end() && *seen < body.begin; ++seen) last_of_group_ = *seen;
      auto& last = counts_.last[index_];
      if (last_seen_ && body.begin <= *last_seen_) continue;
      last_seen_ = body.begin;
      if (++counts_.matches[index_] <= 1) last = body.begin;
      check(body.begin);
    }
    for (; seen != group.end(); ++seen) last_of_group_ = *seen;
    check(std::nullopt);
  }

 private:
  void check(std::optional<std::uint64_t> current) {
    if (counts_.matches[index_] <= 1) return;
    const std::uint64_t before = counts_.last[index_].value_or(0);
    const bool follows = last_of_group_ && before + macro_.min <= *last_of_group_
                         && *last_of_group_ <= before + macro_.max;
    if (follows) {
      ++counts_.matches[index_ + 1];
      counts_.last[index_ + 1] = last_of_group_;
    } else {
      --counts_.matches[index_];
      counts_.last[index_] = current;
    }
  }

  const Macro& macro_;
  Counts& counts_;
  std::size_t index_;
  std::optional<std::uint64_t> last_of_group_;
  std::optional<std::uint64_t> last_seen_;
};

const Macro* macro_behind(const Logical& logical, std::size_t index) {
  if (index + 1 == logical.subsignatures.size()) return nullptr;
  return std::get_if<Macro>(&logical.subsignatures[index + 1]);
}

void count_bodies(const Logical& logical, const Object& object, Counts& counts) {
  for (std::size_t i = 0; i < logical.subsignatures.size(); ++i) {
    const auto* const body = std::get_if<Body>(&logical.subsignatures[i]);
    if (body == nullptr || body->offset.from == Offset::From::macro_group) continue;
    const auto matches = find_matches(*body, logical.conditions.target, object);
    if (const Macro* const macro = macro_behind(logical, i)) {
      static const std::vector<std::uint64_t> kNone;
      const bool is_known = macro->group < object.macro_matches.size();
      MacroCount(*macro, counts, i)
          .count(matches, is_known ? object.macro_matches[macro->group] : kNone);
    } else if (!matches.empty()) {
      counts.matches[i] = static_cast<std::uint32_t>(matches.size());
      counts.last[i] = matches.back().begin;
    }
  }
}

void count_byte_compares(const Logical& logical, ByteView text, Counts& counts) {
  for (std::size_t i = 0; i < logical.subsignatures.size(); ++i) {
    const auto* const compare = std::get_if<ByteCompare>(&logical.subsignatures[i]);
    if (compare == nullptr || counts.matches[compare->reference] == 0) continue;
    if (holds_at(*compare, text, counts.last[compare->reference].value_or(0))) {
      ++counts.matches[i];
    }
  }
}

/// The part of a text in which a regular expression is tried.
struct Window {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
  std::uint64_t shift = 0;
  bool anchored = false;
};
std::optional<Window> window_of(const Regex& regex, Target target, const Object& object) {
  const bool anywhere = regex.offset.from == Offset::From::anywhere
                        || regex.offset.from == Offset::From::version_info;
  if (regex.offset.from == Offset::From::macro_group) return std::nullopt;
  const auto range =
      resolve(regex.offset, governing_target(object, target), object.text.size(), object.layout);
  if (!range) return std::nullopt;
  Window window;
  if (!anywhere) window = {.begin = range->first, .shift = range->last - range->first};
  window.anchored = !regex.flags.rolling && window.shift == 0 && !anywhere;
  if (window.begin >= object.text.size()) return std::nullopt;
  window.size = object.text.size() - window.begin;
  if (regex.flags.encompass && window.shift > 0) {
    window.size = std::min(window.size, window.shift);
  }
  return window;
}

void count_regex(const Regex& regex, std::size_t index, const Window& window, ByteView text,
                 const RegexMatcher& matcher, Counts& counts) {
  const ByteView part = text.subspan(window.begin, window.size);
  for (std::uint64_t from = 0; from < part.size();) {
    const auto match = matcher(regex, part, from, window.anchored);
    if (!match) return;
    if (!regex.flags.encompass && window.shift > 0 && match->begin > window.shift) return;
    const std::uint64_t begin = window.begin + match->begin;
    if (!counts.last[index] || begin > *counts.last[index]) {
      ++counts.matches[index];
      counts.last[index] = begin;
    }
    if (!regex.flags.global) return;
    from = std::max(match->end, from + 1);
  }
}

void count_regexes(const Logical& logical, const Object& object, const RegexMatcher& matcher,
                   Counts& counts) {
  for (std::size_t i = 0; i < logical.subsignatures.size(); ++i) {
    const auto* const regex = std::get_if<Regex>(&logical.subsignatures[i]);
    if (regex == nullptr || !evaluate(regex->trigger, counts.matches)) continue;
    if (const auto window = window_of(*regex, logical.conditions.target, object)) {
      count_regex(*regex, i, *window, object.text, matcher, counts);
    }
  }
}

bool lies_in(const Conditions& conditions, const Object& object) {
  const ObjectType container = object.around.empty() ? ObjectType() : object.around.back();
  if (conditions.container && *conditions.container != container) return false;
  if (object.around.size() < conditions.intermediates.size()) return false;
  // ANY asks for no object of its own: the next name is compared with the same object.
  std::size_t left = object.around.size();
  for (std::size_t i = conditions.intermediates.size(); i > 0; --i) {
    const ObjectType wanted = conditions.intermediates[i - 1];
    if (wanted.is_any()) continue;
    if (wanted != object.around[--left]) return false;
  }
  return true;
}

bool hold(const Conditions& conditions, const Object& object) {
  if (conditions.target != Target::any && conditions.target != object.target) return false;
  if (!lies_in(conditions, object)) return false;
  if (conditions.file_size && !conditions.file_size->contains(object.text.size())) return false;
  if (conditions.entry_point || conditions.number_of_sections) {
    const Layout* const layout = object.layout;
    if (layout == nullptr) return false;
    if (conditions.entry_point && !conditions.entry_point->contains(layout->entry_point)) {
      return false;
    }
    if (conditions.number_of_sections
        && !conditions.number_of_sections->contains(layout->sections.size())) {
      return false;
    }
  }
  return !conditions.icon_group1 && !conditions.icon_group2;
}

}  // namespace

std::vector<std::uint32_t> count_matches(const Logical& logical, const Object& object,
                                         const RegexMatcher& regex) {
  Counts counts;
  counts.matches.resize(logical.subsignatures.size());
  counts.last.resize(logical.subsignatures.size());
  count_bodies(logical, object, counts);
  count_byte_compares(logical, object.text, counts);
  count_regexes(logical, object, regex, counts);
  return counts.matches;
}

bool evaluate(const Logical& logical, const Object& object, const RegexMatcher& regex) {
  if (!hold(logical.conditions, object)) return false;
  return evaluate(logical.expression, count_matches(logical, object, regex));
}

}  // namespace amanat::signature
