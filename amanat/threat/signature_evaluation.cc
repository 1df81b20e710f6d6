#include "amanat/threat/signature_evaluation.h"

#include <algorithm>

#include "amanat/threat/expression_code.h"
#include "amanat/threat/subsignature_code.h"

namespace amanat::threat {

SignatureEvaluation::SignatureEvaluation(Evaluation& evaluation, const SignatureRow& row)
    : evaluation_(evaluation), row_(row) {}

bool SignatureEvaluation::holds() {
  if (row_.expression == kNone) return find(0).count > 0;
  return evaluate_expression(evaluation_.tables().code.at(row_.expression),
                             [&](std::uint32_t id) { return find(id).count; });
}

const SignatureEvaluation::Found& SignatureEvaluation::find(std::uint32_t id) {
  static constexpr Found kNothing;
  if (id >= row_.subsignature_count || id >= found_.size()) return kNothing;
  auto& found = found_.at(id);
  if (!found) {
    found = find_new(id);
    if (found->last) position_ = *found->last;
  }
  return *found;
}

SignatureEvaluation::Found SignatureEvaluation::find_new(std::uint32_t id) {
  const auto& rows = evaluation_.tables().subsignatures;
  const std::size_t number = std::size_t{row_.first_subsignature} + id;
  if (number >= rows.size() || evaluation_.work().used_up()) return {};
  const SubsignatureRow& row = rows[number];
  switch (row.kind()) {
    case SubsignatureKind::macro: return find_macro(row, id);
    case SubsignatureKind::byte_compare: return find_byte_compare(row);
    case SubsignatureKind::regex: return find_regex(row);
    case SubsignatureKind::body: break;
  }
  const auto target = static_cast<signature::Target>(row_.target);
  const auto matches = evaluation_.find_body(row, target);
  if (matches.empty()) return {};
  return {matches.size(), matches.back().begin};
}

SignatureEvaluation::Found SignatureEvaluation::find_macro(const SubsignatureRow& row,
                                                           std::uint32_t id) {
  static_cast<void>(row);
  static_cast<void>(id);
  return {};
}

SignatureEvaluation::Found SignatureEvaluation::find_byte_compare(const SubsignatureRow& row) {
  static_cast<void>(row);
  return {};
}

SignatureEvaluation::Found SignatureEvaluation::find_regex(const SubsignatureRow& row) {
  static_cast<void>(row);
  return {};
}

}  // namespace amanat::threat
