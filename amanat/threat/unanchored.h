#pragma once

// The signatures that no anchor leads to, by what they ask of an object.
//
// They would be evaluated for every object, hundreds of times a file in an archive. But few ask
// different things: hundreds share a few dozen conditions, and each of these is looked at once.

#include <cstdint>
#include <vector>

#include "amanat/threat/database.h"

namespace amanat::threat {

class Unanchored {
 public:
  Unanchored(const Database::Tables& tables, const Partition& partition);

  /// Appends those whose conditions hold for an object of `size` bytes.
  void add_candidates(const Database::Tables& tables, std::uint64_t size, const ObjectFacts& facts,
                      std::vector<std::uint32_t>& candidates) const;

 private:
  /// Signatures with the same conditions: members_[begin] to members_[end - 1].
  struct Group {
    std::uint32_t conditions = 0;  // a row
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::vector<Group> groups_;
  std::vector<std::uint32_t> members_;
};

}  // namespace amanat::threat
