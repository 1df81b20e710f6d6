#pragma once

// What a database looks for, in brief: kept when the database itself is gone, so that the next one
// can be compared with it. A twentieth of the database, or less.
//
// Hashes are summed by size: another sum, another set. A signature over bytes is named by 16 bytes
// of SHA-256 over all that decides what it matches, wherever that stands in the file; its name is
// not among it. Two sets of equal sums, or two signatures of equal names, would hide a change: one
// chance in 2^64, and in 2^128.
//
//   const Inventory before = Inventory::of(old_database);       // kept: before.encode()
//   const SignatureDelta delta = compare(before, Inventory::of(new_database));

#include <array>
#include <cstdint>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/threat/signature_delta.h"
#include "amanat/threat/threat.h"

namespace amanat::threat {

inline constexpr std::size_t kInventoryBytesMax = std::size_t{512} << 20;

class Inventory {
 public:
  /// Reads all signatures once: about a second for each five hundred megabytes of them.
  static Inventory of(const Database& database);

  ///   struct { uint8 table; uint32 size; uint64 sum; } Bucket;       ascending
  ///   struct { opaque identity[16]; uint8 kind; uint8 target; uint8 container; uint8 asks_size;
  ///            uint32 size_min; uint32 size_max; } Entry;            ascending
  ///   struct { "amanat/inventory/1"; uint8 is_unsure; uint32 count; Bucket buckets[count];
  ///            uint32 count; uint64 any_size[count];                 ascending
  ///            uint32 count; Entry entries[count]; } Inventory;
  Bytes encode() const;
  /// Fails with invalid_input on everything `encode` cannot have written.
  static Result<Inventory> parse(ByteView bytes);

  friend bool operator==(const Inventory&, const Inventory&) = default;
  friend SignatureDelta compare(const Inventory& before, const Inventory& after);

 private:
  friend class InventoryTaker;

  /// All hashes of one role and kind (`table`, as their sections are numbered) for one size.
  struct Bucket {
    std::uint8_t table = 0;
    std::uint32_t size = 0;
    std::uint64_t sum = 0;
    friend auto operator<=>(const Bucket&, const Bucket&) = default;
  };
  enum class Kind : std::uint8_t { body, macro, member };
  struct Entry {
    std::array<std::uint8_t, 16> identity{};
    Kind kind = Kind::body;
    Scope scope;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  static const Bucket* find(const std::vector<Bucket>& buckets, const Bucket& like);
  static void note_gained(const Bucket& bucket, SignatureDelta& delta);
  static void note_gained(const Entry& entry, SignatureDelta& delta);

  bool is_unsure_ = false;  // too odd to be described: compares as all new
  std::vector<Bucket> buckets_;
  std::vector<std::uint64_t> any_size_;  // SHA-256 of objects of any size: first_eight of each
  std::vector<Entry> entries_;
};

/// What `after` looks for and `before` does not.
SignatureDelta compare(const Inventory& before, const Inventory& after);

/// The first eight bytes of a digest, as a number.
std::uint64_t first_eight(ByteView digest);

}  // namespace amanat::threat
