#pragma once

// The sections of an opened database as spans: the inside of Database.

#include <array>

#include "amanat/match/match.h"
#include "amanat/threat/code.h"
#include "amanat/threat/known_hashes.h"
#include "amanat/threat/tables.h"
#include "amanat/threat/threat.h"

namespace amanat::threat {

/// Blobs by number, where they lie.
struct Blobs {
  std::span<const std::uint32_t> places;
  ByteView bytes;

  ByteView at(std::uint32_t number) const {
    if (places.size() < 2 || number >= places.size() - 1) return {};
    const std::uint32_t begin = places[number];
    const std::uint32_t end = places[number + 1];
    return end < begin ? ByteView{} : slice(bytes, begin, end - begin);
  }
};

struct Partition {
  std::uint32_t target = 0;  // as a group of the index
  ByteView covered;
  std::span<const std::uint32_t> without_anchor;

  bool is_covered(std::uint32_t pattern) const {
    return pattern / 8 < covered.size() && ((covered[pattern / 8] >> (pattern % 8)) & 1U) != 0;
  }
};

struct Database::Tables {
  explicit Tables(Image opened) : image(std::move(opened)) {}

  Image image;
  ByteView strings;
  std::vector<Source> sources;
  std::array<std::array<KnownHashes, kDigestKinds.size()>, kHashedCount> hashes;  // role, kind
  std::span<const SignatureRow> signatures;
  std::span<const SubsignatureRow> subsignatures;
  std::span<const OffsetRow> offsets;
  std::span<const ConditionsRow> conditions;
  Blobs patterns;
  Blobs code;
  std::span<const MemberRow> members;
  match::LiteralIndex index;
  std::span<const std::uint32_t> anchor_uses;
  std::span<const UseRow> uses;
  std::span<const std::uint32_t> users;
  std::array<std::optional<Partition>, signature::kTargetCount> partitions;
  std::array<std::span<const MacroRow>, signature::kTargetCount> macros;

  const KnownHashes& hashes_of(Hashed role, crypto::DigestKind kind) const {
    return hashes.at(static_cast<std::size_t>(role)).at(number_of(kind));
  }
  /// What an object of this target is compared with; nothing when there is nothing.
  const Partition* partition(signature::Target target) const {
    const auto& own = partitions.at(static_cast<std::size_t>(target));
    if (own) return &*own;
    return partitions.front() ? &*partitions.front() : nullptr;
  }
  Hit hit(const Label& label, std::uint64_t position) const;
};

}  // namespace amanat::threat
