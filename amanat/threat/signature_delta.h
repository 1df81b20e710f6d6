#pragma once

// What signatures that came with a new database could match: the answer to "which files need a new
// look?", without looking at any.
//
// An object on which nothing was found has to be looked at again when a signature that was not
// there before could fit it. What went needs no look, with two exceptions: a known false alarm that
// is none any more, and the parts of macros, which a signature may want to be absent.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/crypto/crypto.h"
#include "amanat/threat/objects_met.h"

namespace amanat::threat {

/// What must be true of a file, at the least, for a signature to match something in it.
struct Scope {
  std::uint8_t target = 0;                             // 0 is any
  std::uint8_t container = 0;                          // a type by number; 0 is any
  std::array<std::uint32_t, 2> size{0, 0xffff'ffffU};  // some object's: least and most
  bool asks_size = false;

  /// Whether something in the file may be in it.
  bool may_hold(const ObjectsMet& met) const;
  friend auto operator<=>(const Scope&, const Scope&) = default;
};

struct SignatureDelta {
  bool everything = false;     // a change that is not described by what follows
  bool fewer_allowed = false;  // known false alarms went
  bool any_section = false;    // hashes of sections of any size came
  bool imports = false;        // hashes of import tables came

  std::vector<std::uint32_t> sizes;          // for which hashes of objects came; ascending
  std::vector<std::uint32_t> section_sizes;  // and hashes of sections
  std::vector<std::uint64_t> digests;        // SHA-256 for objects of any size: eight bytes of each
  std::vector<Scope> bodies;                 // of signatures over bytes
  std::vector<Scope> members;  // of those over members of containers: size is the container's

  /// Nothing came that could match anything.
  bool is_empty() const;

  /// False when the same file would be found clean again.
  ///
  ///   met      of a file that was examined to its end and found clean
  ///   digest   SHA-256 of the file
  bool could_match(const ObjectsMet& met, const crypto::Hash& digest) const;
};

}  // namespace amanat::threat
