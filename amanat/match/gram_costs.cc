#include "amanat/match/gram_costs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "amanat/match/index_format.h"

namespace amanat::match {
namespace {

std::uint8_t table_cost(std::size_t row, std::size_t column) {
  return static_cast<std::uint8_t>(kGramCosts[row][column] - '0');
}

std::uint8_t upper(std::uint8_t byte) {
  return static_cast<std::uint8_t>(byte >= 'a' && byte <= 'z' ? byte - 32 : byte);
}

// Where both cases count as one, a pair is as common as its commonest spelling, and somewhat more.
std::uint8_t folded_cost(std::size_t row, std::size_t column) {
  const auto before = static_cast<std::uint8_t>(row);
  const auto byte = static_cast<std::uint8_t>(column);
  if (row == 256) return std::min(table_cost(row, byte), table_cost(row, upper(byte)));
  return std::min({table_cost(before, byte), table_cost(upper(before), byte),
                   table_cost(before, upper(byte)), table_cost(upper(before), upper(byte))});
}

}  // namespace

GramCosts::GramCosts(bool folded) {
  for (std::size_t row = 0; row <= 256; ++row) {
    for (std::size_t column = 0; column < 256; ++column) {
      costs_[row * 256 + column] = folded ? folded_cost(row, column) : table_cost(row, column);
    }
  }
}

const GramCosts& GramCosts::plain() {
  static const GramCosts costs(false);
  return costs;
}

const GramCosts& GramCosts::folded() {
  static const GramCosts costs(true);
  return costs;
}

// A literal costs what its rarest gram costs at each way it can lie.
double commonness(ByteView literal, bool nocase) {
  if (literal.size() < kLiteralBytesMin) return std::numeric_limits<double>::infinity();
  const GramCosts& costs = nocase ? GramCosts::folded() : GramCosts::plain();
  Bytes bytes(literal.begin(), literal.end());
  if (nocase) std::ranges::transform(bytes, bytes.begin(), fold);
  const Shape shape = shape_of(literal.size(), nocase);
  double candidates = 0;
  for (std::size_t lie = 0; lie < shape.stride; ++lie) {
    std::uint32_t best = 0;
    for (std::size_t at = lie; at + shape.gram_bytes <= literal.size(); at += shape.stride) {
      std::uint32_t cost = costs.first(bytes[at]);
      for (std::size_t i = at + 1; i < at + shape.gram_bytes; ++i) {
        cost += costs.next_in(bytes, i);
      }
      best = std::max(best, cost);
    }
    candidates += std::exp2(20 - best / 4.0) / shape.stride;
  }
  return candidates;
}

}  // namespace amanat::match
