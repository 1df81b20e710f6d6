// What parses as a node, a page or a root re-encodes to the same bytes; what parses is also what a
// builder would accept. The first byte picks which.

#include "amanat/seal/tree.h"

#include <algorithm>

#include "amanat/seal/node_codec.h"

using namespace amanat;
using namespace amanat::seal;

namespace {
template <class Thing>
void check(ByteView bytes) {
  const auto thing = Thing::parse(bytes);
  ensure(!thing || std::ranges::equal(thing->encode(), bytes), "what parses has one spelling");
  if constexpr (std::is_same_v<Thing, Node>) {
    ensure(!thing || check_node(*thing), "what parses is sound");
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes = ByteView(data, size).subspan(1);
  switch (data[0] % 3) {
    case 0: check<Node>(bytes); break;
    case 1: check<FolderPage>(bytes); break;
    default: check<TreeRoot>(bytes); break;
  }
  return 0;
}
