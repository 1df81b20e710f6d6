#pragma once

// Looks into an object and keeps what was found, for the tests.

#include <string>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/unpack/unpack.h"

namespace amanat::unpack {

struct Piece {
  Entry entry;
  End end = End::whole;
  std::string content;
  bool is_view = false;  // of the object itself
};

struct Looked {
  std::vector<Piece> pieces;
  Outcome outcome;
  Limit reached = Limit::none;

  /// The content of the first piece with this name; "(nothing)" when there is none.
  std::string content_of(std::string_view name) const {
    for (const Piece& piece : pieces) {
      if (piece.entry.name == name) return piece.content;
    }
    return "(nothing)";
  }
};

inline Looked look_into(Kind kind, ByteView object, const Limits& limits = {}) {
  const ManualClock clock{Instant{}};
  Budget budget(limits, clock);
  Looked looked;
  looked.outcome = unpack(kind, object, budget, [&](const Found& found) {
    const bool is_view = found.content.data() >= object.data()
                         && found.content.data() < object.data() + object.size();
    looked.pieces.push_back({.entry = found.entry,
                             .end = found.end,
                             .content = std::string(as_text(found.content)),
                             .is_view = is_view});
    return true;
  });
  looked.reached = budget.reached();
  return looked;
}

inline Bytes bytes_of(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace amanat::unpack
