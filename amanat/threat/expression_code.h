#pragma once

// Expressions over subsignatures as bytes, evaluated without asking more than is needed.
//
//   node    u8 kind (signature::Expression::Kind), and 4 when it has a count; the count; then the
//   id
//           of a subsignature, or the number of children and each child as a block of bytes
//   count   u8 comparison, matches, distinct
//
// Children stand in the order in which they are best asked: the one most likely to settle the
// matter first. So most signatures fall at their first question, and what the others would have
// cost to find is never searched for.

#include <concepts>
#include <cstdint>
#include <functional>

#include "amanat/signature/expression.h"
#include "amanat/threat/code.h"

namespace amanat::threat {

/// How likely a subsignature is to be there, in any unit; the least likely is asked first.
using Likelihood = std::function<double(std::uint32_t id)>;

Bytes encode_expression(const signature::Expression& expression, const Likelihood& likelihood);

/// How often a subsignature matched; called at most once a node that is needed.
using CountMatches = std::function<std::uint64_t(std::uint32_t id)>;

/// Whether the expression that begins `code` holds. Damaged code does not.
bool evaluate_expression(ByteView code, const CountMatches& count);

}  // namespace amanat::threat
