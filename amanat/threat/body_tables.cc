#include "amanat/threat/body_tables.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <variant>

#include "amanat/match/match.h"
#include "amanat/threat/expression_code.h"
#include "amanat/threat/pattern_code.h"
#include "amanat/threat/regex.h"
#include "amanat/threat/sections.h"
#include "amanat/threat/subsignature_code.h"

namespace amanat::threat {
namespace {
using signature::Anchor;
using signature::Body;
using signature::ByteCompare;
using signature::Conditions;
using signature::FuzzyImage;
using signature::Logical;
using signature::Macro;
using signature::Offset;
using signature::Parsed;
using signature::Reason;
using signature::refuse;
using signature::Regex;
using signature::Subsignature;

constexpr std::uint32_t kOffsetRowsMax = 1U << 24U;
// Subsignatures that need others, or a regular expression, are asked after all plain ones.
constexpr double kLikelihoodMax = 1e12;
constexpr double kLikelihoodOfByteCompare = kLikelihoodMax * 2;
constexpr double kLikelihoodOfMacro = kLikelihoodMax * 3;
constexpr double kLikelihoodOfRegex = kLikelihoodMax * 4;

double cost_of(const Anchor& anchor) {
  const double common = match::commonness(anchor.bytes, anchor.nocase);
  return anchor.distance ? common : common * 2;
}

bool is_at_one_place(const Offset& offset) {
  using From = Offset::From;
  return (offset.from == From::start || offset.from == From::end || offset.from == From::entry_plus
          || offset.from == From::entry_minus)
         && offset.shift < 64;
}

// An anchor that is seen this often in a mebibyte of clean data costs more than asking at once.
constexpr double kCostOfHot = 1000;

// Whether a signature that stands at known places is better tried there than wherever its anchors
// are seen: "0:0a0501??00000000" has none but zeros.
bool is_better_tried(const std::vector<Anchor>& anchors,
                     const std::vector<Subsignature>& subsignatures) {
  double sum = 0;
  for (const Anchor& anchor : anchors) sum += cost_of(anchor);
  if (sum < kCostOfHot) return false;
  return std::ranges::any_of(subsignatures, [](const Subsignature& subsignature) {
    const auto* body = std::get_if<Body>(&subsignature);
    return body != nullptr && is_at_one_place(body->offset);
  });
}

double likelihood_of(const Subsignature& subsignature) {
  if (std::holds_alternative<ByteCompare>(subsignature)) return kLikelihoodOfByteCompare;
  if (std::holds_alternative<Macro>(subsignature)) return kLikelihoodOfMacro;
  if (std::holds_alternative<Regex>(subsignature)) return kLikelihoodOfRegex;
  const auto* body = std::get_if<Body>(&subsignature);
  if (body == nullptr) return kLikelihoodOfRegex;
  if (is_at_one_place(body->offset)) return 0;
  const auto anchors = signature::find_anchors(*body, cost_of);
  if (!anchors) return kLikelihoodMax;
  double sum = 0;
  for (const Anchor& anchor : *anchors) sum += cost_of(anchor);
  return std::min(sum, kLikelihoodMax);
}

Parsed<void> check_supported(const Logical& logical) {
  const Conditions& conditions = logical.conditions;
  if (conditions.icon_group1 || conditions.icon_group2) {
    return refuse(Reason::unsupported, "icon groups are not evaluated");
  }
  if (conditions.handler) return refuse(Reason::unsupported, "handler types are not evaluated");
  if (logical.subsignatures.size() > signature::kSubsignaturesMax) {
    return refuse(Reason::malformed, "too many subsignatures");
  }
  for (const Subsignature& subsignature : logical.subsignatures) {
    if (std::holds_alternative<FuzzyImage>(subsignature)) {
      return refuse(Reason::unsupported, "fuzzy image hashes are not evaluated");
    }
    const auto* regex = std::get_if<Regex>(&subsignature);
    if (regex != nullptr && !CompiledRegex::compile(regex->expression, regex->flags)) {
      return refuse(Reason::unsupported, "a regular expression that PCRE2 does not take");
    }
  }
  return {};
}

std::array<std::uint32_t, 2> limits_of(const std::optional<signature::Range>& range) {
  if (!range) return {0, kNone};
  return {range->min, range->max};
}

ConditionsRow row_of(const Conditions& conditions) {
  ConditionsRow row;
  row.file_size = limits_of(conditions.file_size);
  row.entry_point = limits_of(conditions.entry_point);
  row.sections = limits_of(conditions.number_of_sections);
  row.asked = static_cast<std::uint8_t>((conditions.file_size ? kAsksFileSize : 0U)
                                        | (conditions.entry_point ? kAsksEntryPoint : 0U)
                                        | (conditions.number_of_sections ? kAsksSections : 0U)
                                        | (conditions.container ? kAsksContainer : 0U));
  if (conditions.container) row.container = conditions.container->number();
  row.intermediates_count = static_cast<std::uint8_t>(
      std::min(conditions.intermediates.size(), row.intermediates.size()));
  for (std::size_t i = 0; i < row.intermediates_count; ++i) {
    row.intermediates[i] = conditions.intermediates[i].number();
  }
  return row;
}
}  // namespace

std::uint32_t BlobPool::add(Bytes blob) {
  std::string key(as_text(blob));
  const auto number = static_cast<std::uint32_t>(places_.size() - 1);
  const auto [known, is_new] = numbers_.try_emplace(std::move(key), number);
  if (!is_new) return known->second;
  append(bytes_, blob);
  ensure(bytes_.size() < std::numeric_limits<std::uint32_t>::max(), "code fits in four gigabytes");
  places_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  return number;
}

std::uint32_t BodyTables::add_code(Bytes code) { return code_.add(std::move(code)); }

std::uint32_t BodyTables::offset_row(const Offset& offset) {
  const std::uint32_t row = offsets_.add(
      {static_cast<std::uint32_t>(offset.from), offset.distance, offset.section, offset.shift});
  ensure(row < kOffsetRowsMax, "offsets are counted in three bytes");
  return row;
}

SubsignatureRow BodyTables::body_row(const Body& body) {
  SubsignatureRow row;
  row.kind_and_offset =
      static_cast<std::uint32_t>(SubsignatureKind::body) | (offset_row(body.offset) << 8U);
  row.a = patterns_.add(encode_pattern(body.variants.front()));
  if (body.variants.size() > 1) row.b = patterns_.add(encode_pattern(body.variants[1]));
  return row;
}

SubsignatureRow BodyTables::row_of(const Subsignature& subsignature) {
  if (const auto* body = std::get_if<Body>(&subsignature)) return body_row(*body);
  const auto head = [&](SubsignatureKind kind, const Offset& offset) {
    return static_cast<std::uint32_t>(kind) | (offset_row(offset) << 8U);
  };
  if (const auto* macro = std::get_if<Macro>(&subsignature)) {
    Offset group;
    group.from = Offset::From::macro_group;
    group.section = macro->group;
    return {head(SubsignatureKind::macro, group), macro->min, macro->max};
  }
  if (const auto* compare = std::get_if<ByteCompare>(&subsignature)) {
    return {head(SubsignatureKind::byte_compare, {}), code_.add(encode_byte_compare(*compare)),
            kNone};
  }
  const auto& regex = std::get<Regex>(subsignature);
  return {head(SubsignatureKind::regex, regex.offset), code_.add(encode_regex(regex)), kNone};
}

Parsed<void> BodyTables::add(Label label, const Logical& logical) {
  if (auto supported = check_supported(logical); !supported) return supported;
  SignatureRow row;
  row.label = label;
  row.conditions = conditions_.add(threat::row_of(logical.conditions));
  row.first_subsignature = static_cast<std::uint32_t>(subsignatures_.size());
  row.subsignature_count = static_cast<std::uint16_t>(logical.subsignatures.size());
  row.target = static_cast<std::uint8_t>(logical.conditions.target);
  for (const Subsignature& subsignature : logical.subsignatures) {
    subsignatures_.push_back(row_of(subsignature));
  }
  row.expression = code_.add(encode_expression(logical.expression, [&](std::uint32_t id) {
    return id < logical.subsignatures.size() ? likelihood_of(logical.subsignatures[id]) : 0;
  }));
  const auto user = static_cast<std::uint32_t>(signatures_.size());
  signatures_.push_back(row);
  add_user(user, signature::find_anchors(logical, cost_of), logical.subsignatures);
  return {};
}

Parsed<void> BodyTables::add(Label label, const signature::BodySignature& signature) {
  const auto target = static_cast<std::uint8_t>(signature.target);
  if (signature.body.offset.from == Offset::From::macro_group) {
    for (const signature::Pattern& pattern : signature.body.variants) {
      macros_[target].push_back(
          {signature.body.offset.section, patterns_.add(encode_pattern(pattern))});
    }
    return {};
  }
  SignatureRow row;
  row.label = label;
  row.conditions = conditions_.add({});
  row.first_subsignature = static_cast<std::uint32_t>(subsignatures_.size());
  row.subsignature_count = 1;
  row.target = target;
  subsignatures_.push_back(body_row(signature.body));
  const auto user = static_cast<std::uint32_t>(signatures_.size());
  signatures_.push_back(row);
  add_user(user, signature::find_anchors(signature.body, cost_of), {signature.body});
  return {};
}

void BodyTables::add_user(std::uint32_t user, const std::optional<std::vector<Anchor>>& anchors,
                          const std::vector<Subsignature>& subsignatures) {
  if (!anchors || is_better_tried(*anchors, subsignatures)) {
    without_anchor_.push_back(user);
    return;
  }
  for (const Anchor& anchor : *anchors) {
    add_anchor(user, anchor, std::get<Body>(subsignatures.at(anchor.subsignature)));
  }
}

void BodyTables::add_anchor(std::uint32_t user, const Anchor& anchor, const Body& body) {
  const SubsignatureRow& row =
      subsignatures_[signatures_[user].first_subsignature + anchor.subsignature];
  AnchorUse use;
  use.literal = literals_.add({anchor.bytes, anchor.nocase});
  use.pattern = anchor.variant == 0 ? row.a : row.b;
  use.part = anchor.part;
  use.user = user;
  if (anchor.distance) {
    use.distance = *anchor.distance;
  } else {
    const signature::Part& part = body.variants.at(anchor.variant).parts.at(anchor.part);
    use.spread = static_cast<std::uint32_t>(part.length_max() - anchor.bytes.size());
  }
  uses_.push_back(use);
}

Result<> BodyTables::write(ImageWriter& writer) const {
  writer.add_rows<SignatureRow>(section::kSignatures, signatures_);
  writer.add_rows<SubsignatureRow>(section::kSubsignatures, subsignatures_);
  writer.add_rows<OffsetRow>(section::kOffsets, offsets_.rows);
  writer.add_rows<ConditionsRow>(section::kConditions, conditions_.rows);
  writer.add_rows<std::uint32_t>(section::kPatternPlaces, patterns_.places());
  writer.add(section::kPatterns, Bytes(patterns_.bytes().begin(), patterns_.bytes().end()));
  writer.add_rows<std::uint32_t>(section::kCodePlaces, code_.places());
  writer.add(section::kCode, Bytes(code_.bytes().begin(), code_.bytes().end()));
  const std::uint32_t targets = targets_with_own();
  for (std::uint8_t target = 0; target < signature::kTargetCount; ++target) {
    if (const auto macros = macros_.find(target); macros != macros_.end()) {
      writer.add_rows<MacroRow>({section::kMacros, target}, macros->second);
    }
    if ((targets >> target & 1) != 0) write_without_anchor(writer, target);
  }
  std::vector<AnchorUse> uses = uses_;
  for (AnchorUse& use : uses) {
    const std::uint8_t target = signatures_[use.user].target;
    use.targets = target == 0 ? targets : std::uint32_t{1} << target;
  }
  return write_anchors(writer, std::move(uses), literals_.rows, patterns_.places().size() - 1);
}

// A partition has the signatures of its target and those for any; a target without signatures of
// its own is compared with those for any.
std::uint32_t BodyTables::targets_with_own() const {
  std::uint32_t targets = 1;
  for (const SignatureRow& row : signatures_) targets |= std::uint32_t{1} << row.target;
  return targets;
}

void BodyTables::write_without_anchor(ImageWriter& writer, std::uint8_t target) const {
  std::vector<std::uint32_t> here;
  std::ranges::copy_if(without_anchor_, std::back_inserter(here), [&](std::uint32_t user) {
    return signatures_[user].target == 0 || signatures_[user].target == target;
  });
  writer.add_rows<std::uint32_t>({section::kWithoutAnchor, target}, here);
}

}  // namespace amanat::threat
