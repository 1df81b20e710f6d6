#pragma once

// Where patterns go on, found in passing while a large object is read through for anchors.
//
// A pattern that was seen to begin may go on anywhere behind. Asked for later, that is another
// reading of all that follows, for each such pattern; asked for now, the bytes are here.

#include <cstdint>
#include <vector>

#include "amanat/threat/pattern_search.h"

namespace amanat::threat {

class LookAhead {
 public:
  /// Part `part` of a pattern was seen to end at `end`: what follows it is looked for from there
  /// on, if a gap without bound lies between and there is room. Its code outlives this.
  void expect(std::uint32_t number, ByteView pattern, std::uint32_t part, std::uint64_t end);
  /// The windows of `text` in their order, each after what was seen in it.
  void look(const Window& window, ByteView text, Work& work);

  /// Calls `take(number, FollowingPart)` for each pattern.
  template <class Take>
  void finish(const Take& take) {
    for (Expected& expected : expected_) take(expected.number, in_order(std::move(expected)));
    expected_.clear();
  }

 private:
  struct Expected {
    std::uint32_t number = 0;
    PartCode part;
    FollowingPart found;
  };
  static FollowingPart in_order(Expected expected);

  std::vector<Expected> expected_;
};

}  // namespace amanat::threat
