// The engine that these signatures are written for counts in an order of its own: bodies and
// macros, then byte comparisons, then regular expressions, each kind by number. Asking on demand
// gives the same answers as long as nothing sees what that order had not counted yet: a byte
// comparison sees bodies and earlier comparisons, a regular expression all but later ones.

#include "amanat/threat/signature_evaluation.h"

#include <algorithm>

#include "amanat/signature/byte_compare.h"
#include "amanat/threat/expression_code.h"

namespace amanat::threat {
namespace {
using signature::Offset;
using signature::Target;

/// The part of a text in which a regular expression is tried.
struct Window {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
  std::uint64_t shift = 0;
  bool anchored = false;
};

std::optional<Window> window_of(const Offset& offset, const signature::Regex::Flags& flags,
                                Target target, const Evaluation& evaluation) {
  const std::uint64_t size = evaluation.text().size();
  const bool anywhere =
      offset.from == Offset::From::anywhere || offset.from == Offset::From::version_info;
  if (offset.from == Offset::From::macro_group) return std::nullopt;
  const auto range =
      signature::resolve(offset, evaluation.governing_target(target), size, evaluation.layout());
  if (!range) return std::nullopt;
  Window window;
  if (!anywhere) {
    window.begin = range->first;
    window.shift = range->last - range->first;
  }
  if (window.begin >= size) return std::nullopt;
  window.anchored = !flags.rolling && window.shift == 0 && !anywhere;
  window.size = size - window.begin;
  if (flags.encompass && window.shift > 0) window.size = std::min(window.size, window.shift);
  return window;
}
}  // namespace

SignatureEvaluation::SignatureEvaluation(Evaluation& evaluation, const SignatureRow& row)
    : evaluation_(evaluation), row_(row) {}

bool SignatureEvaluation::holds() {
  if (row_.expression == kNone) return find(0).count > 0;
  return evaluate_expression(evaluation_.tables().code.at(row_.expression),
                             [&](std::uint32_t id) { return find(id).count; });
}

const SubsignatureRow* SignatureEvaluation::row_at(std::uint32_t id) const {
  const auto& rows = evaluation_.tables().subsignatures;
  const std::size_t number = std::size_t{row_.first_subsignature} + id;
  const bool is_inside = id < row_.subsignature_count && id < found_.size();
  return is_inside && number < rows.size() ? &rows[number] : nullptr;
}

const Found& SignatureEvaluation::find(std::uint32_t id) {
  static constexpr Found kNothing;
  const SubsignatureRow* row = row_at(id);
  if (row == nullptr) return kNothing;
  auto& found = found_.at(id);
  if (!found) {
    found = Found{};  // whoever comes round in a circle finds nothing
    const Found fresh = find_new(*row, id);
    found = fresh;
    if (fresh.count > 0 && fresh.last) position_ = *fresh.last;
  }
  return *found;
}

Found SignatureEvaluation::find_new(const SubsignatureRow& row, std::uint32_t id) {
  if (evaluation_.work().used_up()) return {};
  switch (row.kind()) {
    case SubsignatureKind::body: return find_body(row, id);
    case SubsignatureKind::macro: return find_macro(id);
    case SubsignatureKind::byte_compare: return find_byte_compare(row, id);
    case SubsignatureKind::regex: return find_regex(row, id);
  }
  return {};
}

Found SignatureEvaluation::find_body(const SubsignatureRow& row, std::uint32_t id) {
  const auto matches = evaluation_.find_body(row, static_cast<Target>(row_.target));
  const SubsignatureRow* next = row_at(id + 1);
  if (next != nullptr && next->kind() == SubsignatureKind::macro) {
    const std::uint32_t group = evaluation_.offset_at(next->offset()).section;
    const WithMacro both =
        count_with_macro(matches, evaluation_.find_group(row_.target, group), {next->a, next->b});
    found_.at(id + 1) = both.macro;
    return both.body;
  }
  if (matches.empty()) return {};
  return {matches.size(), matches.back().begin};
}

// A macro is counted together with the body before it.
Found SignatureEvaluation::find_macro(std::uint32_t id) {
  const SubsignatureRow* before = id == 0 ? nullptr : row_at(id - 1);
  if (before == nullptr || before->kind() != SubsignatureKind::body) return {};
  found_.at(id - 1).reset();
  find(id - 1);
  return found_.at(id).value_or(Found{});
}

// Each match of the body but the first asks whether the one before it was followed, by then, by a
// match of the group; if not, that one is taken back. A single match asks nothing, so that its
// macro does not match either.
SignatureEvaluation::WithMacro SignatureEvaluation::count_with_macro(
    const std::vector<PatternMatch>& bodies, const std::vector<std::uint64_t>& group,
    signature::Range distance) {
  WithMacro both;
  std::optional<std::uint64_t> last_of_group;
  std::optional<std::uint64_t> last_seen;
  const auto check = [&](std::optional<std::uint64_t> current) {
    if (both.body.count <= 1) return;
    const std::uint64_t before = both.body.last.value_or(0);
    const bool follows = last_of_group && before + distance.min <= *last_of_group
                         && *last_of_group <= before + distance.max;
    if (follows) {
      ++both.macro.count;
      both.macro.last = last_of_group;
    } else {
      --both.body.count;
      both.body.last = current;
    }
  };
  auto seen = group.begin();
  for (const PatternMatch& body : bodies) {
    for (; seen != group.end() && *seen < body.begin; ++seen) last_of_group = *seen;
    if (last_seen && body.begin <= *last_seen) continue;
    last_seen = body.begin;
    if (++both.body.count <= 1) both.body.last = body.begin;
    check(body.begin);
  }
  if (seen != group.end()) last_of_group = group.back();
  check(std::nullopt);
  return both;
}

Found SignatureEvaluation::find_byte_compare(const SubsignatureRow& row, std::uint32_t id) {
  const auto compare = decode_byte_compare(evaluation_.tables().code.at(row.a));
  if (!compare) return {};
  const SubsignatureRow* reference = row_at(compare->reference);
  if (reference == nullptr || reference->kind() == SubsignatureKind::regex) return {};
  const bool is_later = compare->reference >= id;
  if (reference->kind() == SubsignatureKind::byte_compare && is_later) return {};
  const Found beside = find(compare->reference);
  if (beside.count == 0) return {};
  if (!signature::holds_at(*compare, evaluation_.text(), beside.last.value_or(0))) return {};
  return {1, std::nullopt};
}

bool SignatureEvaluation::trigger_holds(const RegexCode& regex, std::uint32_t id) {
  return evaluate_expression(regex.trigger, [&](std::uint32_t other) -> std::uint64_t {
    const SubsignatureRow* row = row_at(other);
    if (row == nullptr || (row->kind() == SubsignatureKind::regex && other >= id)) return 0;
    return find(other).count;
  });
}

Found SignatureEvaluation::find_regex(const SubsignatureRow& row, std::uint32_t id) {
  const auto code = decode_regex(evaluation_.tables().code.at(row.a));
  if (!code || !trigger_holds(*code, id)) return {};
  const auto window = window_of(evaluation_.offset_at(row.offset()), code->flags,
                                static_cast<Target>(row_.target), evaluation_);
  const CompiledRegex* regex = evaluation_.regex(row.a);
  if (!window || regex == nullptr) return {};
  const ByteView part = evaluation_.text().subspan(window->begin, window->size);
  Found found;
  for (std::uint64_t from = 0; from < part.size();) {
    // Searching may read all that is left for each match.
    if (!evaluation_.work().spend(part.size() - from)) break;
    const auto match = regex->find(part, from, window->anchored);
    if (!match) evaluation_.give_up();
    if (!match || !*match) break;
    const CompiledRegex::Span span = **match;
    const bool is_behind = window->shift > 0 && span.begin > window->shift;
    if (is_behind && !code->flags.encompass) break;
    const std::uint64_t begin = window->begin + span.begin;
    if (!found.last || begin > *found.last) {
      ++found.count;
      found.last = begin;
    }
    if (!code->flags.global) break;
    from = std::max(span.end, from + 1);
  }
  return found;
}

}  // namespace amanat::threat
