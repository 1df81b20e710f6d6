#include "amanat/threat/expression_code.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace amanat::threat {
namespace {
using signature::Comparison;
using signature::Count;
using signature::Expression;
using Kind = Expression::Kind;

constexpr std::uint8_t kHasCount = 4;
constexpr unsigned kDepthMax = signature::kExpressionDepthMax * 2;

class Encoder {
 public:
  Encoder(const Expression& expression, const Likelihood& likelihood)
      : expression_(expression), likelihood_(likelihood) {}

  Bytes encode(std::uint32_t index) const {
    const Expression::Node& node = expression_.nodes[index];
    CodeWriter code;
    code.byte(static_cast<std::uint8_t>(static_cast<unsigned>(node.kind)
                                        | (node.count ? kHasCount : 0U)));
    if (node.count) {
      code.byte(static_cast<std::uint8_t>(node.count->comparison));
      code.number(node.count->matches);
      code.number(node.count->distinct);
    }
    if (node.kind == Kind::subsignature) {
      code.number(node.id);
      return std::move(code).take();
    }
    code.number(node.children.size());
    for (const std::uint32_t child : ordered(node)) code.block(encode(child));
    return std::move(code).take();
  }

 private:
  std::vector<std::uint32_t> ordered(const Expression::Node& node) const {
    std::vector<std::pair<double, std::uint32_t>> keyed;
    for (const std::uint32_t child : node.children) {
      const double likely = likelihood_of(child);
      keyed.emplace_back(node.kind == Kind::all ? likely : -likely, child);
    }
    std::ranges::sort(keyed);  // equal ones by their place: the order is one
    std::vector<std::uint32_t> children;
    for (const auto& [key, child] : keyed) children.push_back(child);
    return children;
  }

  double likelihood_of(std::uint32_t index) const {
    const Expression::Node& node = expression_.nodes[index];
    if (node.count && !asks_for_a_match(*node.count)) return std::numeric_limits<double>::max();
    if (node.kind == Kind::subsignature) return likelihood_(node.id);
    double sum = node.kind == Kind::all ? std::numeric_limits<double>::max() : 0;
    for (const std::uint32_t child : node.children) {
      const double likely = likelihood_of(child);
      sum = node.kind == Kind::all ? std::min(sum, likely) : sum + likely;
    }
    return sum;
  }

  static bool asks_for_a_match(const Count& count) {
    return count.comparison == Comparison::greater
           || (count.comparison == Comparison::equal && count.matches > 0);
  }

  const Expression& expression_;
  const Likelihood& likelihood_;
};

// What a node says: whether it holds, with how many matches, of which subsignatures.
struct Finding {
  bool holds = false;
  std::uint64_t matches = 0;
  std::uint64_t ids = 0;  // a bit each
};

struct NodeCode {
  Kind kind = Kind::subsignature;
  std::optional<Count> count;
};

class Evaluator {
 public:
  explicit Evaluator(const CountMatches& count) : count_(count) {}

  // With `counting`, a block above wants the matches of all members; without, the first answer
  // that settles the matter is enough.
  Finding evaluate(CodeReader& code, bool counting, unsigned depth) const {
    const NodeCode node = read_node(code);
    if (code.failed() || depth > kDepthMax) return {};
    if (node.kind == Kind::subsignature) return evaluate_leaf(node, code.number32());
    Finding sum = evaluate_children(node, code, counting || node.count, depth);
    if (!sum.holds) sum = {};
    if (!node.count) return sum;
    const bool holds =
        signature::holds(node.count->comparison, sum.matches, std::uint64_t{node.count->matches})
        && std::cmp_greater_equal(std::popcount(sum.ids), node.count->distinct);
    if (!holds) return {};
    return {true, sum.matches, 0};
  }

 private:
  static NodeCode read_node(CodeReader& code) {
    NodeCode node;
    const std::uint8_t head = code.byte();
    node.kind = static_cast<Kind>(head & 3U);
    if ((head & kHasCount) == 0) return node;
    Count count;
    count.comparison = static_cast<Comparison>(code.byte() % 3);
    count.matches = code.number32();
    count.distinct = code.number32();
    node.count = count;
    return node;
  }

  Finding evaluate_leaf(const NodeCode& node, std::uint32_t id) const {
    if (id >= 64) return {};
    const std::uint64_t matches = count_(id);
    const bool is_true = node.count ? signature::holds(node.count->comparison, matches,
                                                       std::uint64_t{node.count->matches})
                                    : matches > 0;
    if (!is_true) return {};
    return {true, matches, std::uint64_t{1} << id};
  }

  Finding evaluate_children(const NodeCode& node, CodeReader& code, bool counting,
                            unsigned depth) const {
    const bool all = node.kind == Kind::all;
    Finding sum{all, 0, 0};
    const std::uint32_t count = code.number32();
    for (std::uint32_t i = 0; i < count && !code.failed(); ++i) {
      CodeReader child(code.block());
      const Finding found = evaluate(child, counting, depth + 1);
      sum.matches += found.matches;
      sum.ids |= found.ids;
      if (all && !found.holds) return {};
      if (found.holds) sum.holds = true;
      if (!all && found.holds && !counting) return sum;
    }
    if (code.failed()) return {};
    return sum;
  }

  const CountMatches& count_;
};
}  // namespace

Bytes encode_expression(const Expression& expression, const Likelihood& likelihood) {
  return Encoder(expression, likelihood)
      .encode(static_cast<std::uint32_t>(expression.nodes.size() - 1));
}

bool evaluate_expression(ByteView code, const CountMatches& count) {
  CodeReader reader(code);
  return Evaluator(count).evaluate(reader, false, 0).holds;
}

}  // namespace amanat::threat
