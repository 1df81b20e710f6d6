#pragma once

// Under which of its grams a literal is entered: the rarest at each way it can lie between samples.

#include <span>
#include <vector>

#include "amanat/match/index_format.h"
#include "amanat/match/strings.h"

namespace amanat::match {

/// A gram that will be in the index.
struct PlacedGram {
  Gram gram;
  std::uint64_t hash = 0;
  Entry entry;
};

/// Chooses shape.stride grams for each of `literals`, all numbers of strings of this shape; sorted
/// by hash.
std::vector<PlacedGram> choose_grams(const Strings& strings,
                                     std::span<const std::uint32_t> literals, const Shape& shape);

}  // namespace amanat::match
