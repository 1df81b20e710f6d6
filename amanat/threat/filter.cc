#include "amanat/threat/filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace amanat::threat {
namespace {
constexpr std::size_t kHeaderBytes = 16;  // u64 seed, u32 segment length, u32 segment count
constexpr std::uint32_t kSegmentLengthMax = 1U << 18U;
constexpr std::uint32_t kSeedsMax = 1000;

using Places = std::array<std::uint32_t, 3>;

std::uint64_t mix(std::uint64_t key) {  // the finaliser of MurmurHash3
  key ^= key >> 33U;
  key *= 0xff51afd7ed558ccdULL;
  key ^= key >> 33U;
  key *= 0xc4ceb9fe1a85ec53ULL;
  return key ^ (key >> 33U);
}

using Fingerprint = std::uint8_t;

Fingerprint fingerprint(std::uint64_t hash) {
  return static_cast<Fingerprint>(hash ^ (hash >> 32U));
}

Fingerprint fingerprint_at(ByteView fingerprints, std::uint32_t place) {
  Fingerprint value = 0;
  std::memcpy(&value, fingerprints.data() + std::size_t{place} * sizeof(value), sizeof(value));
  return value;
}

struct Shape {
  std::uint32_t length = 4;  // of a segment, a power of two
  std::uint32_t count = 1;   // of segments where the first place may lie

  std::uint64_t size() const { return std::uint64_t{length} * (count + 2); }  // in places
  std::uint64_t bytes() const { return size() * sizeof(Fingerprint); }
  Places places(std::uint64_t hash) const {
    const auto start = static_cast<std::uint32_t>(
        (static_cast<unsigned __int128>(hash) * (std::uint64_t{length} * count)) >> 64U);
    const std::uint32_t mask = length - 1;
    return {start, (start + length) ^ (static_cast<std::uint32_t>(hash >> 18U) & mask),
            (start + 2 * length) ^ (static_cast<std::uint32_t>(hash) & mask)};
  }
};

// The sizes of the paper: segments grow with the logarithm of the number of keys, and the smaller
// the filter, the more room it needs to peel.
Shape shape_of(std::size_t keys) {
  if (keys < 2) return {};
  const double count = static_cast<double>(keys);
  const auto exponent = static_cast<unsigned>(std::floor(std::log(count) / std::log(3.33) + 2.25));
  Shape shape;
  shape.length = std::min(1U << exponent, kSegmentLengthMax);
  const double factor = std::max(1.125, 0.875 + 0.25 * std::log(1e6) / std::log(count));
  const double capacity = std::ceil(count * factor);
  const auto segments = static_cast<std::int64_t>(std::ceil(capacity / shape.length)) - 2;
  shape.count = static_cast<std::uint32_t>(std::max<std::int64_t>(segments, 1));
  return shape;
}

// One key leaves when it is alone at a place: `keys_xor` then is its hash.
struct Place {
  std::uint64_t keys_xor = 0;
  std::uint32_t count = 0;
};

struct Peeled {
  std::uint64_t hash = 0;
  std::uint32_t place = 0;
};

bool peel(const Shape& shape, std::span<const std::uint64_t> keys, std::uint64_t seed,
          std::vector<Peeled>& order) {
  std::vector<Place> table(shape.size());
  for (const std::uint64_t key : keys) {
    const std::uint64_t hash = mix(key + seed);
    for (const std::uint32_t place : shape.places(hash)) {
      table[place].keys_xor ^= hash;
      ++table[place].count;
    }
  }
  std::vector<std::uint32_t> alone;
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    if (table[i].count == 1) alone.push_back(i);
  }
  order.clear();
  while (!alone.empty()) {
    const std::uint32_t place = alone.back();
    alone.pop_back();
    if (table[place].count != 1) continue;
    const std::uint64_t hash = table[place].keys_xor;
    order.push_back({hash, place});
    for (const std::uint32_t other : shape.places(hash)) {
      table[other].keys_xor ^= hash;
      if (--table[other].count == 1) alone.push_back(other);
    }
  }
  return order.size() == keys.size();
}

template <class T>
void put(Bytes& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
}
}  // namespace

Bytes build_filter(std::span<const std::uint64_t> keys) {
  if (keys.empty()) return {};
  const Shape shape = shape_of(keys.size());
  std::vector<Peeled> order;
  order.reserve(keys.size());
  std::uint64_t seed = 0x9e3779b97f4a7c15ULL;
  std::uint32_t tries = 0;
  while (!peel(shape, keys, seed, order)) {
    ensure(++tries < kSeedsMax, "the keys of a filter differ from each other");
    seed = mix(seed + tries);
  }
  std::vector<Fingerprint> table(shape.size());
  for (std::size_t i = order.size(); i-- > 0;) {
    const Places places = shape.places(order[i].hash);
    table[order[i].place] = 0;
    table[order[i].place] = static_cast<Fingerprint>(fingerprint(order[i].hash) ^ table[places[0]]
                                                     ^ table[places[1]] ^ table[places[2]]);
  }
  Bytes image(kHeaderBytes + shape.bytes());
  put(image, 0, seed);
  put(image, 8, shape.length);
  put(image, 12, shape.count);
  std::memcpy(image.data() + kHeaderBytes, table.data(), shape.bytes());
  return image;
}

Filter::Filter(ByteView image) {
  if (image.size() < kHeaderBytes) return;
  std::memcpy(&seed_, image.data(), 8);
  Shape shape;
  std::memcpy(&shape.length, image.data() + 8, 4);
  std::memcpy(&shape.count, image.data() + 12, 4);
  const bool fits = std::has_single_bit(shape.length) && shape.length <= kSegmentLengthMax
                    && shape.count >= 1 && shape.count < (1U << 30U)
                    && shape.bytes() == image.size() - kHeaderBytes && shape.size() < (1ULL << 32U);
  if (!fits) return;
  segment_length_ = shape.length;
  segment_count_ = shape.count;
  fingerprints_ = image.subspan(kHeaderBytes);
}

bool Filter::may_contain(std::uint64_t key) const {
  if (fingerprints_.empty()) return true;
  const std::uint64_t hash = mix(key + seed_);
  const Places places = Shape{segment_length_, segment_count_}.places(hash);
  const auto at = [&](std::size_t i) { return fingerprint_at(fingerprints_, places[i]); };
  return (at(0) ^ at(1) ^ at(2)) == fingerprint(hash);
}

}  // namespace amanat::threat
