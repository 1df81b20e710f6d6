#pragma once

// The fields of a logical signature, one by one; part of logical.cc.

#include <string>
#include <string_view>

#include "amanat/signature/logical.h"

namespace amanat::signature {

Parsed<Conditions> parse_conditions(std::string_view text);
std::string print(const Conditions& conditions);

/// One subsignature, number `index` of a logical signature for `target`.
Parsed<Subsignature> parse_subsignature(std::string_view text, std::uint32_t index, Target target);

/// Nothing when it has two variants or looks at two bytes beside it.
std::optional<std::string> print(const Subsignature& subsignature);

}  // namespace amanat::signature
