#include "amanat/threat/evaluation.h"

#include <algorithm>
#include <utility>

#include "amanat/threat/conditions.h"
#include "amanat/threat/expression_code.h"
#include "amanat/threat/signature_evaluation.h"
#include "amanat/threat/subsignature_code.h"

namespace amanat::threat {
namespace {
using signature::Offset;
using signature::Positions;

constexpr std::size_t kPlacesMax = std::size_t{1} << 20U;  // kept for one object
constexpr std::uint64_t kPlaceSteps = 8;
constexpr std::uint64_t kAnchorSteps = 4;

std::optional<PartCode> part_at(ByteView pattern, std::uint32_t part) {
  PatternReader reader(pattern);
  for (std::uint32_t i = 0; i < part; ++i) {
    if (!reader.next()) return std::nullopt;
  }
  return reader.next();
}
}  // namespace

Evaluation::Evaluation(const Database::Tables& tables, Scratch& scratch, ByteView text,
                       const ObjectFacts& facts, Work& work)
    : tables_(tables),
      scratch_(scratch),
      text_(text),
      facts_(facts),
      work_(work),
      partition_(tables.partition(facts.target)) {
  if (facts.executable != nullptr) layout_ = layout_of(*facts.executable);
  scratch_.is_candidate.resize(tables.signatures.size());
}

std::vector<Hit> Evaluation::run() {
  std::vector<Hit> hits;
  if (partition_ == nullptr) return hits;
  find_anchors();
  order_candidates();
  for (const std::uint32_t signature : scratch_.candidates) {
    if (work_.used_up()) break;
    if (auto hit = evaluate(signature)) hits.push_back(*hit);
  }
  scratch_.candidates.clear();
  return hits;
}

void Evaluation::find_anchors() {
  const auto on_hit = [&](std::uint32_t anchor, std::uint64_t position) {
    if (std::size_t{anchor} + 1 >= tables_.anchor_uses.size()) return true;
    const std::size_t end =
        std::min<std::size_t>(tables_.anchor_uses[anchor + 1], tables_.uses.size());
    for (std::size_t i = tables_.anchor_uses[anchor]; i < end; ++i) {
      const UseRow& use = tables_.uses[i];
      // What only signatures for other targets ask for was not looked for everywhere.
      if ((use.targets >> partition_->target & 1) != 0) confirm_use(use, position);
    }
    return work_.spend(kAnchorSteps);
  };
  constexpr std::size_t kBehind = match::kLiteralBytesMax - 1;
  if (!tables_.index.empty()) {
    for_each_window(text_, facts_.read, kBehind, [&](const Window& window) {
      const bool goes_on = tables_.index.find(
          window.bytes, 0, window.end - window.begin,
          [&](std::uint32_t anchor, std::uint64_t position) {
            return on_hit(anchor, window.begin + position);
          },
          partition_->target);
      ahead_.look(window, text_, work_);
      return goes_on;
    });
  }
  ahead_.finish([&](std::uint32_t pattern, FollowingPart following) {
    known_[pattern].following = std::move(following);
  });
  for (auto& [pattern, known] : known_) {
    std::ranges::sort(known.places);
    known.places.erase(std::ranges::unique(known.places).begin(), known.places.end());
  }
}

void Evaluation::confirm_use(const UseRow& use, std::uint64_t position) {
  const auto part = part_at(tables_.patterns.at(use.pattern), use.part);
  if (!part || use.distance > position) return;
  const std::uint64_t last = position - use.distance;
  const std::uint64_t first = last - std::min<std::uint64_t>(last, use.spread);
  for (std::uint64_t begin = first; begin <= last && work_.spend(1); ++begin) {
    const auto end = match_part(*part, text_, begin, work_);
    if (!end) continue;
    const bool has_room = ++place_count_ <= kPlacesMax && work_.spend(kPlaceSteps);
    if (!has_room) {
      work_.use_up();
      return;
    }
    KnownPart& known = known_[use.pattern];
    if (known.places.empty()) add_users(use);
    known.part = use.part;
    known.places.push_back({begin, *end});
    if (facts_.read != nullptr && is_surely_asked(use)) {
      ahead_.expect(use.pattern, tables_.patterns.at(use.pattern), use.part, *end);
    }
  }
}

std::span<const std::uint32_t> Evaluation::users_of(const UseRow& use) const {
  const std::size_t first = std::min<std::size_t>(use.first_user, tables_.users.size());
  return tables_.users.subspan(first,
                               std::min<std::size_t>(use.user_count, tables_.users.size() - first));
}

// Whether some signature is nothing but this pattern: others may be decided without it.
bool Evaluation::is_surely_asked(const UseRow& use) const {
  return std::ranges::any_of(users_of(use), [&](std::uint32_t user) {
    return user < tables_.signatures.size() && tables_.signatures[user].subsignature_count == 1;
  });
}

void Evaluation::add_users(const UseRow& use) {
  for (const std::uint32_t user : users_of(use)) {
    if (user >= tables_.signatures.size() || scratch_.is_candidate[user]) continue;
    const std::uint8_t target = tables_.signatures[user].target;
    if (target != 0 && target != partition_->target) continue;
    scratch_.is_candidate[user] = true;
    scratch_.candidates.push_back(user);
  }
}

// Those that anchors led to and those that need none, in the order of the database.
void Evaluation::order_candidates() {
  for (const std::uint32_t signature : scratch_.candidates)
    scratch_.is_candidate[signature] = false;
  auto known = scratch_.unanchored.find(partition_);
  if (known == scratch_.unanchored.end()) {
    known = scratch_.unanchored.try_emplace(partition_, tables_, *partition_).first;
  }
  known->second.add_candidates(tables_, text_.size(), facts_, scratch_.candidates);
  std::ranges::sort(scratch_.candidates);
}

std::optional<Hit> Evaluation::evaluate(std::uint32_t number) {
  if (number >= tables_.signatures.size() || !work_.spend(1)) return std::nullopt;
  const SignatureRow& row = tables_.signatures[number];
  if (row.conditions >= tables_.conditions.size()) return std::nullopt;
  if (!conditions_hold(tables_.conditions[row.conditions], text_.size(), facts_)) {
    return std::nullopt;
  }
  SignatureEvaluation signature(*this, row);
  if (!signature.holds()) return std::nullopt;
  return tables_.hit(row.label, signature.position());
}

const std::vector<PatternMatch>& Evaluation::find_anywhere(std::uint32_t pattern) {
  const auto [entry, is_new] = anywhere_.try_emplace(pattern);
  if (is_new) entry->second = find(pattern, {0, text_.size()});
  return entry->second;
}

std::vector<PatternMatch> Evaluation::find(std::uint32_t pattern, Positions range) {
  const auto known = known_.find(pattern);
  const bool is_covered = partition_->is_covered(pattern);
  if (is_covered && known == known_.end()) return {};
  return find_matches(tables_.patterns.at(pattern), {text_, facts_.read}, range,
                      is_covered ? &known->second : nullptr, work_);
}

Offset Evaluation::offset_at(std::uint32_t row) const {
  if (row >= tables_.offsets.size()) return {};
  const OffsetRow& stored = tables_.offsets[row];
  const auto from = std::min(stored.from, static_cast<std::uint32_t>(Offset::From::macro_group));
  return {static_cast<Offset::From>(from), stored.distance, stored.section, stored.shift};
}

std::vector<PatternMatch> Evaluation::find_body(const SubsignatureRow& row,
                                                signature::Target target) {
  const Offset offset = offset_at(row.offset());
  if (offset.from == Offset::From::macro_group) return {};
  const auto range = signature::resolve(offset, governing_target(target), text_.size(),
                                        layout_ ? &*layout_ : nullptr);
  if (!range) return {};
  std::vector<PatternMatch> matches;
  for (const std::uint32_t pattern : {row.a, row.b}) {
    if (pattern == kNone) continue;
    if (offset.from == Offset::From::anywhere) {
      const auto& found = find_anywhere(pattern);
      matches.insert(matches.end(), found.begin(), found.end());
    } else if (offset.from == Offset::From::version_info) {
      add_at_version_info(pattern, matches);
    } else {
      const auto found = find(pattern, *range);
      matches.insert(matches.end(), found.begin(), found.end());
    }
  }
  // Of a pattern in one part each place counts once; of one in several, each end of the last part.
  const bool is_one_part = PatternReader(tables_.patterns.at(row.a)).part_count() == 1;
  const auto key = [&](const PatternMatch& match) {
    return std::pair(match.begin, is_one_part ? std::uint64_t{0} : match.last.end);
  };
  std::ranges::sort(matches, {}, key);
  matches.erase(std::ranges::unique(matches, {}, key).begin(), matches.end());
  return matches;
}

void Evaluation::add_at_version_info(std::uint32_t pattern, std::vector<PatternMatch>& matches) {
  const bool is_one_part = PatternReader(tables_.patterns.at(pattern)).part_count() == 1;
  if (!layout_ || !is_one_part) return;
  for (const std::uint64_t place : layout_->version_info) {
    const auto found = find(pattern, {place, place});
    matches.insert(matches.end(), found.begin(), found.end());
  }
}

std::vector<std::uint64_t> Evaluation::find_group(std::uint32_t target, std::uint32_t group) {
  std::vector<std::uint64_t> begins;
  if (target >= tables_.macros.size()) return begins;
  for (const MacroRow& macro : tables_.macros.at(target)) {
    if (macro.group != group) continue;
    for (const PatternMatch& match : find_anywhere(macro.pattern)) begins.push_back(match.begin);
  }
  std::ranges::sort(begins);
  return begins;
}

const CompiledRegex* Evaluation::regex(std::uint32_t blob) {
  const auto [entry, is_new] = scratch_.regexes.try_emplace(blob);
  if (is_new) {
    const auto code = decode_regex(tables_.code.at(blob));
    auto compiled = code ? CompiledRegex::compile(code->expression, code->flags)
                         : Result<CompiledRegex>(fail(Code::corrupt, "no expression"));
    if (compiled) entry->second = std::move(*compiled);
  }
  return entry->second ? &*entry->second : nullptr;
}

}  // namespace amanat::threat
