#include "amanat/threat/probe_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "amanat/bytes/lanes.h"

namespace amanat::threat {
namespace {

using lanes::has_any;
using lanes::kLanes;
using lanes::load;
using lanes::Vector;

constexpr std::uint64_t kBlock = 4 * kLanes;

// How rarely a byte of a file is this one: more bits asked are rarer, what pads programs and what
// texts are made of is commoner.
unsigned rarity(std::uint8_t value, std::uint8_t mask) {
  constexpr auto kCommonest = std::to_array<std::uint8_t>({0x00, 0xff, 0x20, 0x48, 0x8b});
  const auto bits = static_cast<unsigned>(std::popcount(mask)) * 4;
  if (std::ranges::find(kCommonest, value) != kCommonest.end()) return bits / 4;
  const bool is_word = (value >= 'a' && value <= 'z') || (value >= '0' && value <= '9');
  if (is_word || value < 0x10) return bits / 2;
  return bits;
}

}  // namespace

ProbeScan::ProbeScan(const Probe& probe, ByteView text)
    : text_(text), value_(probe.value), mask_(probe.mask), count_(probe.count) {
  unsigned best = 0;
  unsigned second = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const auto value = static_cast<std::uint8_t>(value_ >> (8 * i));
    const auto mask = static_cast<std::uint8_t>(mask_ >> (8 * i));
    const Asked asked{.at = i, .value = value, .mask = mask};
    const unsigned rare = rarity(value, mask);
    if (rare > best) {
      second_ = std::exchange(first_, asked);
      second = std::exchange(best, rare);
    } else if (rare > second) {
      second_ = asked;
      second = rare;
    }
  }
}

bool ProbeScan::fits_at(std::uint64_t position) const {
  std::uint64_t word = 0;
  std::memcpy(&word, text_.data() + position,
              std::min<std::uint64_t>(sizeof(word), text_.size() - position));
  return (word & mask_) == value_;
}

std::uint64_t ProbeScan::next_one_by_one(std::uint64_t from, std::uint64_t last) const {
  for (; from <= last; ++from) {
    if (fits_at(from)) return from;
  }
  return last + 1;
}

std::uint64_t ProbeScan::next(std::uint64_t from, std::uint64_t last) const {
  const auto fits = [](const std::uint8_t* at, const Asked& asked) {
    return (load(at + asked.at) & asked.mask) == asked.value;
  };
  const std::uint64_t ahead = kBlock + kProbeBytesMax;
  for (; from <= last && text_.size() - from >= ahead; from += kBlock) {
    const std::uint8_t* at = text_.data() + from;
    std::array<Vector, 4> both;
    for (std::uint64_t i = 0; i < both.size(); ++i, at += kLanes) {
      both[i] = std::bit_cast<Vector>(fits(at, first_) & fits(at, second_));
    }
    if (!has_any(both[0] | both[1] | both[2] | both[3])) [[likely]]
      continue;
    for (std::uint64_t i = 0; i < kBlock; ++i) {
      if (both[i / kLanes][i % kLanes] == 0 || !fits_at(from + i)) continue;
      return std::min(from + i, last + 1);
    }
  }
  return next_one_by_one(from, last);
}

}  // namespace amanat::threat
