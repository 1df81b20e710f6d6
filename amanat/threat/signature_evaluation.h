#pragma once

// One signature against one object: its subsignatures, each evaluated at most once and only when
// the expression asks for it.

#include <array>
#include <cstdint>
#include <optional>

#include "amanat/signature/logical.h"
#include "amanat/threat/evaluation.h"
#include "amanat/threat/subsignature_code.h"

namespace amanat::threat {

/// What is known of a subsignature: how often it matched, and where it began last.
struct Found {
  std::uint64_t count = 0;
  std::optional<std::uint64_t> last;
};

class SignatureEvaluation {
 public:
  SignatureEvaluation(Evaluation& evaluation, const SignatureRow& row);

  bool holds();
  /// Where something of it matched; 0 when it holds without.
  std::uint64_t position() const { return position_; }

 private:
  struct WithMacro {
    Found body;
    Found macro;
  };
  static WithMacro count_with_macro(const std::vector<PatternMatch>& bodies,
                                    const std::vector<std::uint64_t>& group,
                                    signature::Range distance);

  const Found& find(std::uint32_t id);
  const SubsignatureRow* row_at(std::uint32_t id) const;
  Found find_new(const SubsignatureRow& row, std::uint32_t id);
  Found find_body(const SubsignatureRow& row, std::uint32_t id);
  Found find_macro(std::uint32_t id);
  Found find_byte_compare(const SubsignatureRow& row, std::uint32_t id);
  Found find_regex(const SubsignatureRow& row, std::uint32_t id);
  bool trigger_holds(const RegexCode& regex, std::uint32_t id);

  Evaluation& evaluation_;
  const SignatureRow& row_;
  std::array<std::optional<Found>, signature::kSubsignaturesMax> found_;
  std::uint64_t position_ = 0;
};

}  // namespace amanat::threat
