#pragma once

// What a Database holds, for the parts of this module only.

#include <optional>
#include <string_view>

#include "amanat/scan/scan.h"
#include "amanat/threat/threat.h"
#include "amanat/yara/yara.h"

namespace amanat::scan {

/// Changes whenever the same signatures would lead to other verdicts.
inline constexpr std::string_view kEngine = "amanat/scan/engine/3";

struct Database::State {
  threat::Database threats;
  Bytes image;  // of `threats` when it lies in memory; empty when it is mapped
  std::optional<sandbox::Descriptor> file;  // of `threats` when it is mapped
  std::optional<yara::Rules> rules;
  Bytes rules_file;  // `rules` as they are kept
  LoadReport report;
  crypto::Hash version;
};

}  // namespace amanat::scan
