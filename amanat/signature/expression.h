#pragma once

// The logic over subsignatures.
//
//   expression  term *(("&" / "|") term)      evaluated from the right: a&b|c is a&(b|c)
//   term        id [count] / "(" expression ")" [count]
//   count       ("=" / ">" / "<") n ["," distinct]
//
// A term without count holds when it matched at all. With one, the number of its matches is
// compared; a block counts the matches of all its members that hold, and may ask that at least
// `distinct` different members matched. `id=0` holds when it did not match. Inside parentheses that
// enclose all of an expression the grouping is the other way round: (a&b|c) is (a&b)|c. That, and
// that a count after a block hides its members from the `distinct` of a block around it, is how
// ClamAV evaluates them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/signature/reasons.h"

namespace amanat::signature {

inline constexpr std::size_t kExpressionTextMax = 4096;
inline constexpr std::size_t kExpressionNodesMax = 1024;
inline constexpr std::size_t kExpressionDepthMax = 128;

enum class Comparison : std::uint8_t { equal, greater, less };

constexpr bool holds(Comparison comparison, auto left, auto right) {
  switch (comparison) {
    case Comparison::equal: return left == right;
    case Comparison::greater: return left > right;
    case Comparison::less: return left < right;
  }
  return false;
}

struct Count {
  Comparison comparison = Comparison::equal;
  std::uint32_t matches = 0;
  std::uint32_t distinct = 0;  // 0: not asked

  friend bool operator==(const Count&, const Count&) = default;
};

/// A tree in one row: nodes name their children by index, and a child stands before its parent.
struct Expression {
  enum class Kind : std::uint8_t { subsignature, all, any };
  struct Node {
    Kind kind = Kind::subsignature;
    std::uint32_t id = 0;                 // of a subsignature
    std::vector<std::uint32_t> children;  // two or more; of `all` and `any`
    std::optional<Count> count;           // of a subsignature, or of a block in parentheses

    friend bool operator==(const Node&, const Node&) = default;
  };
  std::vector<Node> nodes;  // the last one is the root

  const Node& root() const { return nodes.back(); }
  friend bool operator==(const Expression&, const Expression&) = default;
};

Parsed<Expression> parse_expression(std::string_view text);

/// A spelling that `parse_expression` reads as this tree.
std::string print(const Expression& expression);

/// The largest id in it.
std::uint32_t highest_id(const Expression& expression);

/// Whether it holds, given how often each subsignature matched; ids beyond `matches` never did.
bool evaluate(const Expression& expression, std::span<const std::uint32_t> matches);

}  // namespace amanat::signature
