#pragma once

// Which controls of controls/controls.json each check speaks to, to which of the five claims it
// belongs, and what its verdict cannot mean.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amanat::regulator {

/// What a check is about, whatever it finds.
struct CheckNote {
  std::string_view check;       // consent-before-object
  std::string_view claim;       // permission, blindness, place, safekeeping, protection, record
  std::string_view proof;       // what its verdict rests on
  std::string_view unprovable;  // what no verdict here can say
};

/// In the order of the report.
std::span<const CheckNote> check_notes();

/// The ids of the controls that this check decides: `con-01`.
const std::vector<std::string>& controls_of(std::string_view check);

/// What no program can prove, for the foot of every report (docs/format.md, SECURITY).
std::span<const std::string_view> what_nobody_can_prove();

}  // namespace amanat::regulator
