#include "amanat/bytes/find.h"

#include <array>
#include <bit>
#include <cstring>

#include "amanat/bytes/lanes.h"

namespace amanat {
namespace {

using lanes::has_any;
using lanes::kLanes;
using lanes::load;
using lanes::Vector;

constexpr std::size_t kBlock = 4 * kLanes;

}  // namespace

std::optional<std::size_t> find_bytes(ByteView text, ByteView words, std::size_t from) {
  if (from > text.size() || words.size() > text.size() - from) return std::nullopt;
  if (words.empty()) return from;
  const std::uint8_t first = words.front();
  const std::uint8_t last = words.back();
  const std::size_t last_start = text.size() - words.size();
  const auto is_at = [&](std::size_t at) {
    return text[at] == first && std::memcmp(text.data() + at, words.data(), words.size()) == 0;
  };
  std::size_t at = from;
  for (; at <= last_start && last_start - at >= kBlock; at += kBlock) {
    const std::uint8_t* begin = text.data() + at;
    const std::uint8_t* end = begin + words.size() - 1;
    std::array<Vector, 4> both;
    for (std::size_t i = 0; i < both.size(); ++i) {
      both[i] = std::bit_cast<Vector>((load(begin + i * kLanes) == first)
                                      & (load(end + i * kLanes) == last));
    }
    if (!has_any(both[0] | both[1] | both[2] | both[3])) [[likely]]
      continue;
    for (std::size_t i = 0; i < kBlock; ++i) {
      if (is_at(at + i)) return at + i;
    }
  }
  for (; at <= last_start; ++at) {
    if (is_at(at)) return at;
  }
  return std::nullopt;
}

}  // namespace amanat
