#pragma once

// What lay in a file that was examined: as much as it takes to tell, when new signatures come, that
// none of them could match. Small enough to be kept for every file of a phone.

#include <array>
#include <cstdint>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/signature/object_type.h"

namespace amanat::threat {

/// Sizes that were seen. Up to kExactMax they are listed; of more a filter is kept that may say yes
/// to a size that was never seen, and never no to one that was.
class SizeSet {
 public:
  static constexpr std::size_t kExactMax = 256;

  void add(std::uint64_t size);
  bool empty() const { return magnitudes_ == 0; }
  bool is_exact() const { return filter_.empty(); }
  bool may_contain(std::uint64_t size) const;
  /// Whether some size from `min` to `max` may have been seen.
  bool may_contain_between(std::uint64_t min, std::uint64_t max) const;

  friend bool operator==(const SizeSet&, const SizeSet&) = default;

 private:
  friend Bytes encode(const struct ObjectsMet& met);
  friend Result<ObjectsMet> parse_objects_met(ByteView bytes);
  static constexpr std::size_t kFilterBytes = 1024;
  void add_to_filter(std::uint64_t size);

  std::vector<std::uint64_t> exact_;  // ascending, each once; empty when there is a filter
  Bytes filter_;                      // kFilterBytes, or none
  std::uint64_t magnitudes_ = 0;      // bit n: a size of n significant bits, 63 for more
};

/// The file itself is an object, and so is all that lies inside it.
struct ObjectsMet {
  std::uint32_t targets = 0;     // bit t: bytes were compared with the signatures of target t
  std::uint64_t containers = 0;  // bit n: a type whose number is n, modulo 64, had members
  bool was_allowed = false;      // a known false alarm silenced what was found
  SizeSet sizes;                 // of objects
  SizeSet sections;              // of sections of PE files

  void add_target(signature::Target target) { targets |= 1U << static_cast<unsigned>(target); }
  void add_container(signature::ObjectType type) { containers |= bit_of(type.number()); }
  bool has_target(std::uint8_t target) const { return (targets >> (target % 32U) & 1U) != 0; }
  bool has_container(std::uint8_t number) const { return (containers & bit_of(number)) != 0; }

  friend bool operator==(const ObjectsMet&, const ObjectsMet&) = default;

 private:
  static std::uint64_t bit_of(std::uint8_t number) { return std::uint64_t{1} << (number % 64U); }
};

inline constexpr std::size_t kObjectsMetBytesMax = 8192;  // encoded

/// Numbers of code.h: targets, containers, u8 was_allowed, the two sets. A set is the number of its
/// sizes and each as what it is more than the one before; or kExactMax + 1, the magnitudes and the
/// filter.
Bytes encode(const ObjectsMet& met);
/// Fails with invalid_input on what `encode` cannot have written.
Result<ObjectsMet> parse_objects_met(ByteView bytes);

}  // namespace amanat::threat
