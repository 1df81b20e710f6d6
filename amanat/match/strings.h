#pragma once

// The different byte strings among literals, in order, each with its ids.

#include <span>
#include <vector>

#include "amanat/match/index_format.h"

namespace amanat::match {

struct Strings {
  std::vector<Row> rows;     // and one behind the last
  std::vector<bool> folded;  // those have no capital letters
  std::vector<std::uint32_t> ids;
  Bytes bytes;

  std::size_t size() const { return folded.size(); }
  ByteView at(std::size_t i) const {
    return ByteView(bytes).subspan(rows[i].bytes_begin,
                                   rows[i + 1].bytes_begin - rows[i].bytes_begin);
  }
};

Strings collect_strings(std::span<const Literal> literals);

}  // namespace amanat::match
