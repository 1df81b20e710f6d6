#pragma once

// The image of an index. All numbers are little-endian; sections begin at multiples of 64 bytes.
//
//   header     Header, then for each group kPassesMax times PassHeader
//   rows       literals + 1 times Row: where a literal's bytes and ids begin; they end where the
//              next row's begin
//   ids        Id, in the order of rows
//   bytes      of all literals; those of nocase ones in lower case
//   for each pass of each group, that is one or some for each class of its literals:
//     filter   2^filter_bits words of 32 bits: of each gram's word two bits are set; of a class
//              of few literals, the tables of few.h
//     sieve    2^sieve_bits words of 64 bits: of each gram's word four bits are set
//     twice, for literals that are of this group alone and for those of several groups:
//       heads    2^bits + 1 times u32: where the entries of grams with this hash begin
//       entries  Entry, sorted by hash
//
// The passes of several groups name the same heads and entries of those they share. What these find
// of a literal that is of other groups ends at its ids. Rows begin with the literals of several
// groups, then follow those of each: what a search does not ask for lies elsewhere.
//
// A sampled gram is looked up in the filter, which stays in the second cache; one in 25 foreign
// grams passes. Those are looked up in the sieve, which stays in the third; one in a thousand
// passes. Only then heads, entries and the literal itself are read.

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/match/match.h"
#include "amanat/match/screen.h"

namespace amanat::match {

/// A class of literals. A literal of at least gram_bytes + stride - 1 bytes holds a whole gram at a
/// sampled position, however it lies.
struct Shape {
  std::uint32_t gram_bytes;
  std::uint32_t stride;
  bool folded;
  std::uint32_t size_min;
};
inline constexpr auto kShapes = std::to_array<Shape>({{8, 4, false, 11},
                                                      {5, 4, false, 8},
                                                      {5, 2, false, 6},
                                                      {4, 1, false, 4},
                                                      {8, 4, true, 11},
                                                      {5, 4, true, 8},
                                                      {5, 2, true, 6},
                                                      {4, 1, true, 4}});
inline constexpr std::size_t kPassesMax = kShapes.size() + 4;  // some classes take several

/// The number in kShapes of the class that a literal belongs to.
inline std::size_t shape_number(std::size_t size, bool folded) {
  std::size_t number = folded ? 4 : 0;
  while (size < kShapes[number].size_min) ++number;
  return number;
}
inline Shape shape_of(std::size_t size, bool folded) { return kShapes[shape_number(size, folded)]; }

struct Section {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Header {
  std::array<std::uint8_t, 8> magic{};
  std::uint64_t image_size = 0;
  std::uint32_t literals = 0;
  std::uint32_t groups = 0;
  Section rows;
  Section ids;
  Section bytes;
  std::array<std::uint8_t, kGroupsMax> passes{};  // of each group
  std::array<std::uint8_t, 24> zeros{};
};
static_assert(sizeof(Header) == 128);

struct TableHeader {
  std::uint32_t bits = 0;  // of heads; 0: there are no literals
  std::uint32_t entries = 0;
  std::uint64_t heads_offset = 0;
  std::uint64_t entries_offset = 0;
};

struct PassHeader {
  std::uint8_t shape = 0;  // an index of kShapes
  std::uint8_t filter_bits = 0;
  std::uint8_t sieve_bits = 0;
  std::uint8_t is_few = 0;    // the filter is the tables of few.h
  std::uint32_t longest = 0;  // bytes of the longest literal
  std::uint32_t seed = 0;     // of the filter's hash
  std::uint32_t zero = 0;
  std::uint64_t filter_offset = 0;
  std::uint64_t sieve_offset = 0;
  TableHeader own;
  TableHeader shared;
};
static_assert(sizeof(PassHeader) == 80);

/// Where the header of pass `number` of a group stands.
inline std::size_t place_of_pass(std::size_t group, std::size_t number) {
  return sizeof(Header) + (group * kPassesMax + number) * sizeof(PassHeader);
}

struct Row {
  std::uint32_t bytes_begin = 0;
  std::uint32_t ids_begin = 0;
};

struct Id {
  std::uint32_t id = 0;
  std::uint32_t groups = 0;  // a bit for each
  auto operator<=>(const Id&) const = default;
};

/// A gram of a literal, and four bytes of it elsewhere that are compared first: grams that many
/// literals share, or that every file is full of, mostly end there.
struct Entry {
  std::uint32_t probe = 0;
  std::uint32_t ref = 0;  // literal << 12 | offset of the probe << 6 | offset of the gram
};
inline constexpr std::uint32_t kProbeBytes = 4;
inline constexpr std::uint32_t kOffsetBits = 6;
inline constexpr std::uint32_t kOffsetMask = (1U << kOffsetBits) - 1;
static_assert(kLiteralsMax << (2 * kOffsetBits) == std::uint64_t{1} << 32);

inline constexpr std::string_view kMagic = "AMLITX04";
inline constexpr std::size_t kSectionAlignment = 64;
inline constexpr std::uint32_t kFilterBitsMax = 22;
inline constexpr std::uint32_t kTableBitsMax = 24;

inline std::uint32_t literal_of(Entry entry) { return entry.ref >> (2 * kOffsetBits); }

/// What of bytes 4 to 7 of a gram counts.
inline std::uint32_t high_mask_of(const Shape& shape) {
  return shape.gram_bytes == 8 ? 0xffffffff : shape.gram_bytes == 5 ? 0xff : 0;
}

/// The bytes of a gram at `bytes`, which has at least `gram_bytes` (4, 5 or 8).
inline Gram gram_at(const std::uint8_t* bytes, std::uint32_t gram_bytes) {
  Gram gram;
  std::memcpy(&gram.low, bytes, 4);
  if (gram_bytes == 8) std::memcpy(&gram.high, bytes + 4, 4);
  if (gram_bytes == 5) gram.high = bytes[4];
  return gram;
}

/// The hash by which sieve (top bits and low 24) and heads (top bits) know a gram.
inline std::uint64_t hash_of(Gram gram) {
  std::uint64_t hash = (std::uint64_t{gram.high} << 32 | gram.low) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  return hash ^ hash >> 32;
}

/// The bits of a sieve's word that stand for a gram.
inline std::uint64_t sieve_mask(std::uint64_t hash) {
  return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63)
         | std::uint64_t{1} << (hash >> 12 & 63) | std::uint64_t{1} << (hash >> 18 & 63);
}

/// In lower case, as ASCII has it.
inline std::uint8_t fold(std::uint8_t byte) {
  return static_cast<std::uint8_t>(byte + (static_cast<std::uint8_t>(byte - 'A') < 26 ? 32 : 0));
}

}  // namespace amanat::match
