#pragma once

// How often a text has to be looked at, and for which literals each time.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "amanat/match/strings.h"

namespace amanat::match {

/// The literals of one pass.
struct Plan {
  std::size_t shape = 0;  // an index of kShapes
  bool is_few = false;    // as few.h looks for them
  std::vector<std::uint32_t> literals;
};

/// The passes of a search for one group, no more than kPassesMax.
std::vector<Plan> plan_passes(const Strings& strings, std::size_t group);

}  // namespace amanat::match
