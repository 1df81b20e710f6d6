#include "amanat/signature/expression.h"

#include <algorithm>

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

using Kind = Expression::Kind;
using Node = Expression::Node;

constexpr bool is_operator(char c) { return c == '&' || c == '|'; }

std::optional<Comparison> comparison_of(char c) {
  if (c == '=') return Comparison::equal;
  if (c == '>') return Comparison::greater;
  if (c == '<') return Comparison::less;
  return std::nullopt;
}

/// Where an expression falls apart: at its first operator outside parentheses, or, when
/// parentheses enclose it all, at the last one directly inside them.
struct Seam {
  std::size_t outside = std::string_view::npos;
  std::size_t inside = std::string_view::npos;
  std::size_t end_of_block = std::string_view::npos;  // the last closing parenthesis
  bool is_balanced = false;
};
Seam find_seam(std::string_view text) {
  Seam seam;
  std::size_t level = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++level;
    if (text[i] == ')') {
      if (level == 0) return seam;
      --level;
      seam.end_of_block = i;
    }
    if (!is_operator(text[i])) continue;
    if (level == 0) {
      seam.outside = i;
      // What stands behind is balanced or not when it is read itself.
      seam.is_balanced = true;
      return seam;
    }
    if (level == 1) seam.inside = i;
  }
  seam.is_balanced = level == 0;
  return seam;
}

class ExpressionParser {
 public:
  Parsed<Expression> parse(std::string_view text) {
    if (auto root = read(text, 0); !root) return std::unexpected(root.error());
    return std::move(expression_);
  }

 private:
  // Appends the tree of `text` and returns its root's index.
  Parsed<std::uint32_t> read(std::string_view text, std::size_t depth) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    if (depth > kExpressionDepthMax) return refuse(Reason::too_costly, "the expression's depth");
    if (text.empty()) return refuse(Reason::malformed, "an empty expression");
    const Seam seam = find_seam(text);
    if (!seam.is_balanced) return refuse(Reason::malformed, "parentheses of the expression");
    if (seam.outside != std::string_view::npos) {
      return join(text[seam.outside], text.substr(0, seam.outside), text.substr(seam.outside + 1),
                  depth);
    }
    if (text[0] != '(') return read_leaf(text);
    if (seam.inside == std::string_view::npos) {
      if (text.back() != ')') return refuse(Reason::malformed, "a count behind one term");
      return read(text.substr(1, text.size() - 2), depth + 1);
    }
    return read_block(text, seam, depth);
  }

  Parsed<std::uint32_t> read_block(std::string_view text, const Seam& seam, std::size_t depth) {
    const auto count = read_count(text.substr(seam.end_of_block + 1));
    if (!count) return std::unexpected(count.error());
    const std::string_view left = text.substr(1, seam.inside - 1);
    const std::string_view right =
        text.substr(seam.inside + 1, seam.end_of_block - seam.inside - 1);
    const auto root = join(text[seam.inside], left, right, depth);
    if (root && *count) expression_.nodes[*root].count = *count;
    return root;
  }

  // Flattens chains of one operator, which count and hold the same either way.
  Parsed<std::uint32_t> join(char op, std::string_view left, std::string_view right,
                             std::size_t depth) {
    const Kind kind = op == '&' ? Kind::all : Kind::any;
    Node node{.kind = kind, .id = 0, .children = {}, .count = {}};
    for (const std::string_view side : {left, right}) {
      const auto child = read(side, depth + 1);
      if (!child) return child;
      Node& found = expression_.nodes[*child];
      if (found.kind == kind && !found.count && *child + 1 == expression_.nodes.size()) {
        node.children.insert(node.children.end(), found.children.begin(), found.children.end());
        expression_.nodes.pop_back();
      } else {
        node.children.push_back(*child);
      }
    }
    return add(std::move(node));
  }

  Parsed<std::uint32_t> read_leaf(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto id = parse_number<std::uint32_t>(text.substr(0, digits));
    if (!id) return refuse(Reason::malformed, "a number in the expression");
    // Of several signs in a row the last one counts: 8==9 is 8=9.
    std::string_view rest = text.substr(digits);
    while (rest.size() > 1 && comparison_of(rest[0]) && comparison_of(rest[1])) {
      rest.remove_prefix(1);
    }
    const auto count = read_count(rest);
    if (!count) return std::unexpected(count.error());
    Node node{.kind = Kind::subsignature, .id = *id, .children = {}, .count = *count};
    if (node.count) node.count->distinct = 0;  // of one, nothing can be asked
    return add(std::move(node));
  }

  static Parsed<std::optional<Count>> read_count(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto comparison = comparison_of(text[0]);
    if (!comparison) return refuse(Reason::malformed, "a count in the expression");
    const std::size_t comma = text.find(',');
    const auto matches = parse_number<std::uint32_t>(text.substr(1, comma - 1));
    // A comma with nothing behind it asks for nothing.
    const auto distinct = comma == std::string_view::npos || comma + 1 == text.size()
                              ? 0
                              : parse_number<std::uint32_t>(text.substr(comma + 1));
    if (!matches || !distinct) return refuse(Reason::malformed, "a count in the expression");
    return Count{*comparison, *matches, *distinct};
  }

  Parsed<std::uint32_t> add(Node node) {
    if (expression_.nodes.size() == kExpressionNodesMax) {
      return refuse(Reason::too_costly, "the expression's size");
    }
    expression_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(expression_.nodes.size() - 1);
  }

  Expression expression_;
};

void print_count(const std::optional<Count>& count, std::string& out) {
  constexpr std::string_view kSigns = "=><";
  if (!count) return;
  out += kSigns[static_cast<std::size_t>(count->comparison)];
  out += std::to_string(count->matches);
  if (count->distinct > 0) out += ',' + std::to_string(count->distinct);
}

// Blocks always stand in parentheses, which makes the order of evaluation plain.
void print_node(const Expression& expression, const Node& node, std::string& out) {
  if (node.kind == Kind::subsignature) {
    out += std::to_string(node.id);
  } else {
    out += '(';
    for (const std::uint32_t child : node.children) {
      if (child != node.children.front()) out += node.kind == Kind::all ? '&' : '|';
      print_node(expression, expression.nodes[child], out);
    }
    out += ')';
  }
  print_count(node.count, out);
}

/// What a node says: whether it holds, with how many matches, of which subsignatures.
struct Finding {
  bool holds = false;
  std::uint64_t matches = 0;
  std::vector<std::uint32_t> ids;
};

Finding evaluate_leaf(const Node& node, std::span<const std::uint32_t> matches) {
  const std::uint32_t count = node.id < matches.size() ? matches[node.id] : 0;
  const bool is_true =
      node.count ? holds(node.count->comparison, count, node.count->matches) : count > 0;
  if (!is_true) return {};
  return {true, count, {node.id}};
}

Finding evaluate_node(const Expression& expression, const Node& node,
                      std::span<const std::uint32_t> matches) {
  if (node.kind == Kind::subsignature) return evaluate_leaf(node, matches);
  Finding sum{.holds = node.kind == Kind::all, .matches = 0, .ids = {}};
  for (const std::uint32_t child : node.children) {
    const Finding found = evaluate_node(expression, expression.nodes[child], matches);
    sum.holds = node.kind == Kind::all ? sum.holds && found.holds : sum.holds || found.holds;
    sum.matches += found.matches;
    sum.ids.insert(sum.ids.end(), found.ids.begin(), found.ids.end());
  }
  if (!sum.holds) sum = {};
  if (!node.count) return sum;

  std::ranges::sort(sum.ids);
  const auto distinct = static_cast<std::size_t>(
      std::distance(sum.ids.begin(), std::ranges::unique(sum.ids).begin()));
  if (!holds(node.count->comparison, sum.matches, node.count->matches)) return {};
  if (distinct < node.count->distinct) return {};
  return {true, sum.matches, {}};
}

}  // namespace

Parsed<Expression> parse_expression(std::string_view text) {
  if (text.size() > kExpressionTextMax) return refuse(Reason::too_costly, "the expression's size");
  return ExpressionParser().parse(text);
}

std::string print(const Expression& expression) {
  std::string out;
  print_node(expression, expression.root(), out);
  return out;
}

std::uint32_t highest_id(const Expression& expression) {
  std::uint32_t highest = 0;
  for (const Node& node : expression.nodes) highest = std::max(highest, node.id);
  return highest;
}

bool evaluate(const Expression& expression, std::span<const std::uint32_t> matches) {
  return evaluate_node(expression, expression.root(), matches).holds;
}

}  // namespace amanat::signature
