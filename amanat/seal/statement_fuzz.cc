// What parses as a statement's body re-encodes to the same bytes. The first byte picks the body.

#include <algorithm>

#include "amanat/seal/seal.h"

using namespace amanat;
using namespace amanat::seal;

namespace {
template <class Body>
void check(ByteView bytes) {
  const auto body = Body::parse(bytes);
  ensure(!body || std::ranges::equal(body->encode(), bytes), "a statement has one spelling");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes = ByteView(data, size).subspan(1);
  switch (data[0] % 6) {
    case 0: check<Object>(bytes); break;
    case 1: check<Tombstone>(bytes); break;
    case 2: check<ErasureReceipt>(bytes); break;
    case 3: check<Device>(bytes); break;
    case 4: check<ConsentKey>(bytes); break;
    default: check<Commit>(bytes); break;
  }
  return 0;
}
