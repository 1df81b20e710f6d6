#include "amanat/signature/anchors.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace amanat::signature {
namespace {

using Anchors = std::optional<std::vector<Anchor>>;

double cost_of(const std::vector<Anchor>& anchors, const AnchorCost& cost) {
  double sum = 0;
  for (const Anchor& anchor : anchors) sum += cost(anchor);
  return sum;
}

/// Keeps the cheapest of the sets it is offered.
class Cheapest {
 public:
  explicit Cheapest(const AnchorCost& cost) : cost_(cost) {}

  void offer(std::vector<Anchor> anchors) {
    const double offered = cost_of(anchors, cost_);
    if (best_ && offered >= best_cost_) return;
    best_ = std::move(anchors);
    best_cost_ = offered;
  }
  Cheapest fresh() const { return Cheapest(cost_); }
  Anchors take() && { return std::move(best_); }

 private:
  const AnchorCost& cost_;
  Anchors best_;
  double best_cost_ = std::numeric_limits<double>::infinity();
};

bool is_exact(MaskedByte byte) { return byte.mask == 0xff; }
bool is_whole(MaskedByte byte) { return byte.mask == 0xff || byte.mask == 0xdf; }

// The bytes of a piece of a run, all of which are whole; letters in either case become small.
Anchor anchor_of(std::span<const MaskedByte> piece, std::optional<std::size_t> distance) {
  Anchor anchor;
  anchor.nocase = !std::ranges::all_of(piece, is_exact);
  for (const MaskedByte byte : piece) {
    const bool is_capital = byte.value >= 'A' && byte.value <= 'Z';
    const bool fold = byte.mask == 0xdf || (anchor.nocase && is_capital);
    anchor.bytes.push_back(fold ? static_cast<std::uint8_t>(byte.value | 0x20) : byte.value);
  }
  if (distance) anchor.distance = static_cast<std::uint32_t>(*distance);
  return anchor;
}

// Offers windows of the whole bytes run[first] to run[last - 1]: all that are as long as may be.
void offer_windows(const Run& run, std::size_t first, std::size_t last,
                   std::optional<std::size_t> distance, Cheapest& cheapest) {
  const std::size_t size = std::min(last - first, kAnchorBytesMax);
  if (size < kAnchorBytesMin) return;
  // A long run has as many windows as bytes; every fourth is choice enough.
  constexpr std::size_t kStep = 4;
  for (std::size_t i = first; i + size <= last; i += kStep) {
    std::optional<std::size_t> place;
    if (distance) place = *distance + i;
    cheapest.offer({anchor_of(std::span(run).subspan(i, size), place)});
  }
}

// The longest stretches of whole bytes; those of exact ones alone too, where they are shorter.
template <class IsUsable>
void offer_stretches(const Run& run, std::optional<std::size_t> distance, IsUsable is_usable,
                     Cheapest& cheapest) {
  std::size_t first = 0;
  for (std::size_t i = 0; i <= run.size(); ++i) {
    if (i < run.size() && is_usable(run[i])) continue;
    offer_windows(run, first, i, distance, cheapest);
    first = i + 1;
  }
}

void offer_run(const Run& run, std::optional<std::size_t> distance, Cheapest& cheapest) {
  offer_stretches(run, distance, is_whole, cheapest);
  offer_stretches(run, distance, is_exact, cheapest);
}

// One choice of an alternative between the runs beside it: "power" in (70|50)6f776572.
struct Neighbours {
  std::span<const MaskedByte> before, after;
};

/// The whole bytes at the end of the run in front of element `index`, and at the beginning of the
/// one behind it.
Neighbours neighbours_of(const Part& part, std::size_t index) {
  Neighbours found;
  const auto run_at = [&](std::size_t i) { return std::get_if<Run>(&part.elements[i]); };
  if (const Run* const run = index > 0 ? run_at(index - 1) : nullptr) {
    std::size_t size = 0;
    while (size < std::min(run->size(), kAnchorBytesMax)
           && is_whole((*run)[run->size() - 1 - size])) {
      ++size;
    }
    found.before = std::span(*run).last(size);
  }
  if (const Run* const run = index + 1 < part.elements.size() ? run_at(index + 1) : nullptr) {
    std::size_t size = 0;
    while (size < std::min(run->size(), kAnchorBytesMax) && is_whole((*run)[size])) ++size;
    found.after = std::span(*run).first(size);
  }
  return found;
}

// All choices of an alternative, each with the bytes beside it.
void offer_alternatives(const Part& part, std::size_t index, const Alternatives& alternatives,
                        std::optional<std::size_t> distance, Cheapest& cheapest) {
  constexpr std::size_t kChoicesWorthMax = 16;
  if (alternatives.negated || alternatives.choices.size() > kChoicesWorthMax) return;
  const Neighbours beside = neighbours_of(part, index);
  std::vector<Anchor> anchors;
  for (const Run& choice : alternatives.choices) {
    Run whole(beside.before.begin(), beside.before.end());
    whole.insert(whole.end(), choice.begin(), choice.end());
    whole.insert(whole.end(), beside.after.begin(), beside.after.end());
    std::optional<std::size_t> place;
    if (distance) place = *distance - beside.before.size();
    Cheapest of_choice = cheapest.fresh();
    offer_run(whole, place, of_choice);
    auto best = std::move(of_choice).take();
    if (!best) return;
    anchors.push_back(std::move(best->at(0)));
  }
  cheapest.offer(std::move(anchors));
}

void offer_part(const Part& part, Cheapest& cheapest) {
  std::optional<std::size_t> distance = 0;
  for (std::size_t i = 0; i < part.elements.size(); ++i) {
    const Element& element = part.elements[i];
    if (const auto* const run = std::get_if<Run>(&element)) {
      offer_run(*run, distance, cheapest);
      if (distance) *distance += run->size();
    } else if (const auto* const alternatives = std::get_if<Alternatives>(&element)) {
      offer_alternatives(part, i, *alternatives, distance, cheapest);
      if (distance && !is_varying(*alternatives)) {
        *distance += alternatives->choices.at(0).size();
      } else {
        distance = std::nullopt;
      }
    } else {
      const auto& boundary = std::get<Boundary>(element);
      if (boundary.kind == Boundary::Kind::line && !boundary.negated) distance = std::nullopt;
      if (distance) ++*distance;
    }
  }
}

/// Anchors of the tree of a logical signature.
class TreeAnchors {
 public:
  TreeAnchors(const Logical& logical, const AnchorCost& cost)
      : logical_(logical), cost_(cost), known_(logical.subsignatures.size()) {}

  Anchors of(const Expression& expression) { return of(expression, expression.root()); }

 private:
  Anchors of(const Expression& expression, const Expression::Node& node) {
    if (node.count && may_hold_without_matches(*node.count)) return std::nullopt;
    switch (node.kind) {
      case Expression::Kind::subsignature: return of_subsignature(node.id);
      case Expression::Kind::all: return of_all(expression, node);
      case Expression::Kind::any: return of_any(expression, node);
    }
    return std::nullopt;
  }

  static bool may_hold_without_matches(const Count& count) {
    return count.comparison == Comparison::less
           || (count.comparison == Comparison::equal && count.matches == 0);
  }

  Anchors of_all(const Expression& expression, const Expression::Node& node) {
    Cheapest cheapest(cost_);
    for (const std::uint32_t child : node.children) {
      if (auto anchors = of(expression, expression.nodes[child])) {
        cheapest.offer(std::move(*anchors));
      }
    }
    return std::move(cheapest).take();
  }

  Anchors of_any(const Expression& expression, const Expression::Node& node) {
    std::vector<Anchor> sum;
    for (const std::uint32_t child : node.children) {
      const auto anchors = of(expression, expression.nodes[child]);
      if (!anchors) return std::nullopt;
      for (const Anchor& anchor : *anchors) {
        if (std::ranges::find(sum, anchor) == sum.end()) sum.push_back(anchor);
      }
    }
    return sum;
  }

  // Remembers what it found: expressions and triggers may name one subsignature many times.
  Anchors of_subsignature(std::uint32_t id) {
    if (id >= known_.size()) return std::nullopt;
    if (!known_[id]) known_[id] = find_of_subsignature(id);
    return *known_[id];
  }

  Anchors find_of_subsignature(std::uint32_t id) {
    const Subsignature& subsignature = logical_.subsignatures[id];
    if (const auto* const body = std::get_if<Body>(&subsignature)) {
      auto anchors = find_anchors(*body, cost_);
      if (anchors) {
        for (Anchor& anchor : *anchors) anchor.subsignature = id;
      }
      return anchors;
    }
    if (const auto* const regex = std::get_if<Regex>(&subsignature)) return of(regex->trigger);
    if (const auto* const compare = std::get_if<ByteCompare>(&subsignature)) {
      // Comparing beside a later one or itself leads nowhere, and must not lead round in circles.
      return compare->reference < id ? of_subsignature(compare->reference) : std::nullopt;
    }
    if (std::holds_alternative<Macro>(subsignature) && id > 0) return of_subsignature(id - 1);
    return std::nullopt;
  }

  const Logical& logical_;
  const AnchorCost& cost_;
  std::vector<std::optional<Anchors>> known_;
};

}  // namespace

double cost_by_length(const Anchor& anchor) {
  struct Step {
    std::size_t size;
    double cost;
  };
  constexpr std::array kSteps{Step{15, 1}, Step{11, 3}, Step{8, 8}, Step{6, 16}};
  double cost = 60;
  for (const Step& step : kSteps) {
    if (anchor.bytes.size() < step.size) continue;
    cost = step.cost;
    break;
  }
  return anchor.nocase ? 3 * cost : cost;
}

Anchors find_anchors(const Pattern& pattern, const AnchorCost& cost) {
  Cheapest cheapest(cost);
  for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
    Cheapest of_part(cost);
    offer_part(pattern.parts[i], of_part);
    auto anchors = std::move(of_part).take();
    if (!anchors) continue;
    for (Anchor& anchor : *anchors) anchor.part = static_cast<std::uint32_t>(i);
    cheapest.offer(std::move(*anchors));
  }
  return std::move(cheapest).take();
}

Anchors find_anchors(const Body& body, const AnchorCost& cost) {
  std::vector<Anchor> sum;
  for (std::size_t i = 0; i < body.variants.size(); ++i) {
    auto anchors = find_anchors(body.variants[i], cost);
    if (!anchors) return std::nullopt;
    for (Anchor& anchor : *anchors) {
      anchor.variant = static_cast<std::uint32_t>(i);
      sum.push_back(std::move(anchor));
    }
  }
  return sum;
}

Anchors find_anchors(const Logical& logical, const AnchorCost& cost) {
  return TreeAnchors(logical, cost).of(logical.expression);
}

}  // namespace amanat::signature
