#pragma once

// The different byte strings among literals, each with its ids: first those of several groups, then
// those of each, in order.

#include <span>
#include <vector>

#include "amanat/match/index_format.h"

namespace amanat::match {

struct Strings {
  std::vector<Row> rows;     // and one behind the last
  std::vector<bool> folded;  // those have no capital letters
  std::vector<Id> ids;
  Bytes bytes;

  std::size_t size() const { return folded.size(); }
  ByteView at(std::size_t i) const {
    return ByteView(bytes).subspan(rows[i].bytes_begin,
                                   rows[i + 1].bytes_begin - rows[i].bytes_begin);
  }
  /// A bit for each group that looks for it.
  std::uint32_t groups_of(std::size_t i) const {
    std::uint32_t groups = 0;
    for (std::size_t id = rows[i].ids_begin; id < rows[i + 1].ids_begin; ++id) {
      groups |= ids[id].groups;
    }
    return groups;
  }
};

Strings collect_strings(std::span<const Literal> literals);

}  // namespace amanat::match
