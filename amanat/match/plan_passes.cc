#include "amanat/match/plan_passes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "amanat/match/few.h"
#include "amanat/match/index_format.h"

namespace amanat::match {
namespace {

using OfShape = std::array<std::vector<std::uint32_t>, kShapes.size()>;
constexpr std::size_t kShapesOfCase = kShapes.size() / 2;
// Two passes for few cost less than one for many.
constexpr std::size_t kFewTogetherMax = 2 * kFewMax;

// A literal of blanks with a word behind them is met at every indented line, when it lies so that
// only blanks are sampled. The class of the shortest looks at every position, and enters it under
// the word.
void take_common(const Strings& strings, std::vector<std::uint32_t>& from,
                 std::vector<std::uint32_t>& shortest) {
  constexpr double kTooCommon = 16;  // in a mebibyte
  std::vector<std::pair<double, std::uint32_t>> common;
  for (const std::uint32_t literal : from) {
    const double often = commonness(strings.at(literal), strings.folded[literal]);
    if (often > kTooCommon) common.emplace_back(-often, literal);
  }
  std::ranges::sort(common);
  common.resize(
      std::min(common.size(), kFewTogetherMax - std::min(kFewTogetherMax, shortest.size())));
  for (const auto& [often, literal] : common) {
    shortest.push_back(literal);
    std::erase(from, literal);
  }
}

// A pass over the text costs the same for one literal as for thousands. So classes of few literals
// join the class of the shortest, which looks for few at little cost, once or twice.
void join_few(const Strings& strings, OfShape& of_shape) {
  for (const std::size_t first : {std::size_t{0}, kShapesOfCase}) {
    std::vector<std::uint32_t>& shortest = of_shape[first + kShapesOfCase - 1];
    for (std::size_t shape = first + kShapesOfCase - 1; shape-- > first;) {
      if (of_shape[shape].size() + shortest.size() > kFewTogetherMax) continue;
      shortest.insert(shortest.end(), of_shape[shape].begin(), of_shape[shape].end());
      of_shape[shape].clear();
    }
    for (std::size_t shape = first; shape + 1 < first + kShapesOfCase; ++shape) {
      take_common(strings, of_shape[shape], shortest);
    }
    std::ranges::sort(shortest);
  }
}

void plan_shortest(std::vector<Plan>& plans, std::size_t shape,
                   const std::vector<std::uint32_t>& literals) {
  if (literals.size() > kFewTogetherMax) {
    plans.push_back({shape, false, literals});
    return;
  }
  const std::size_t passes = (literals.size() + kFewMax - 1) / kFewMax;
  const std::size_t of_each = (literals.size() + passes - 1) / passes;
  for (std::size_t i = 0; i < literals.size(); i += of_each) {
    const auto begin = literals.begin() + static_cast<std::ptrdiff_t>(i);
    const std::size_t count = std::min(of_each, literals.size() - i);
    plans.push_back({shape, true, {begin, begin + static_cast<std::ptrdiff_t>(count)}});
  }
}

}  // namespace

std::vector<Plan> plan_passes(const Strings& strings, std::size_t group) {
  OfShape of_shape;
  for (std::uint32_t i = 0; i < strings.size(); ++i) {
    if ((strings.groups_of(i) >> group & 1) == 0) continue;
    of_shape[shape_number(strings.at(i).size(), strings.folded[i])].push_back(i);
  }
  join_few(strings, of_shape);
  std::vector<Plan> plans;
  for (std::size_t shape = 0; shape < kShapes.size(); ++shape) {
    if (of_shape[shape].empty()) continue;
    if (kShapes[shape].stride == 1) {
      plan_shortest(plans, shape, of_shape[shape]);
    } else {
      plans.push_back({shape, false, of_shape[shape]});
    }
  }
  return plans;
}

}  // namespace amanat::match
