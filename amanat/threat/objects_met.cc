#include "amanat/threat/objects_met.h"

#include <algorithm>
#include <bit>

#include "amanat/threat/code.h"

namespace amanat::threat {
namespace {

constexpr unsigned kMagnitudeMax = 63;
constexpr unsigned kPlacesOfSize = 4;

unsigned magnitude_of(std::uint64_t size) {
  return std::min(static_cast<unsigned>(std::bit_width(size)), kMagnitudeMax);
}

// Sizes differ in few bits; SplitMix64's last steps spread them over all.
std::uint64_t spread(std::uint64_t size) {
  std::uint64_t mixed = size + 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31U);
}

struct Place {
  std::size_t byte = 0;
  std::uint8_t bit = 0;
};
Place place_of(std::uint64_t spread_size, unsigned number, std::size_t filter_bytes) {
  const std::uint64_t place = (spread_size >> (16U * number)) % (filter_bytes * 8);
  return {static_cast<std::size_t>(place / 8), static_cast<std::uint8_t>(1U << (place % 8))};
}

}  // namespace

void SizeSet::add_to_filter(std::uint64_t size) {
  const std::uint64_t mixed = spread(size);
  for (unsigned i = 0; i < kPlacesOfSize; ++i) {
    const Place place = place_of(mixed, i, filter_.size());
    filter_[place.byte] |= place.bit;
  }
}

void SizeSet::add(std::uint64_t size) {
  magnitudes_ |= std::uint64_t{1} << magnitude_of(size);
  if (!filter_.empty()) return add_to_filter(size);
  const auto place = std::ranges::lower_bound(exact_, size);
  if (place != exact_.end() && *place == size) return;
  if (exact_.size() < kExactMax) {
    exact_.insert(place, size);
    return;
  }
  filter_.assign(kFilterBytes, 0);
  for (const std::uint64_t known : exact_) add_to_filter(known);
  add_to_filter(size);
  exact_ = {};
}

bool SizeSet::may_contain(std::uint64_t size) const {
  if (filter_.empty()) return std::ranges::binary_search(exact_, size);
  const std::uint64_t mixed = spread(size);
  for (unsigned i = 0; i < kPlacesOfSize; ++i) {
    const Place place = place_of(mixed, i, filter_.size());
    if ((filter_[place.byte] & place.bit) == 0) return false;
  }
  return true;
}

bool SizeSet::may_contain_between(std::uint64_t min, std::uint64_t max) const {
  if (min > max) return false;
  if (filter_.empty()) {
    const auto first = std::ranges::lower_bound(exact_, min);
    return first != exact_.end() && *first <= max;
  }
  const std::uint64_t from = ~std::uint64_t{0} << magnitude_of(min);
  const std::uint64_t to = ~std::uint64_t{0} >> (kMagnitudeMax - magnitude_of(max));
  return (magnitudes_ & from & to) != 0;
}

Bytes encode(const ObjectsMet& met) {
  CodeWriter code;
  code.number(met.targets);
  code.number(met.containers);
  code.byte(met.was_allowed ? 1 : 0);
  for (const SizeSet* set : {&met.sizes, &met.sections}) {
    if (!set->is_exact()) {
      code.number(SizeSet::kExactMax + 1);
      code.number(set->magnitudes_);
      code.raw(set->filter_);
      continue;
    }
    code.number(set->exact_.size());
    std::uint64_t before = 0;
    for (const std::uint64_t size : set->exact_) {
      code.number(size - before);
      before = size;
    }
  }
  return std::move(code).take();
}

Result<ObjectsMet> parse_objects_met(ByteView bytes) {
  CodeReader code(bytes);
  ObjectsMet met;
  met.targets = code.number32();
  met.containers = code.number();
  met.was_allowed = code.byte() != 0;
  for (SizeSet* set : {&met.sizes, &met.sections}) {
    const std::uint64_t count = code.number();
    if (count == SizeSet::kExactMax + 1) {
      set->magnitudes_ = code.number();
      const ByteView filter = code.raw(SizeSet::kFilterBytes);
      set->filter_.assign(filter.begin(), filter.end());
      continue;
    }
    std::uint64_t size = 0;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, SizeSet::kExactMax); ++i) {
      size += code.number();
      set->add(size);
    }
    if (count > SizeSet::kExactMax) return fail(Code::invalid_input, "too many sizes");
  }
  if (code.failed() || !code.at_end()) {
    return fail(Code::invalid_input, "what was met in a file is damaged");
  }
  return met;
}

}  // namespace amanat::threat
