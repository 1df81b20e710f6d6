// What parses as a snapshot re-encodes to the same bytes; no foreign bytes open as a sealed one.

#include "amanat/seal/snapshot.h"

#include <algorithm>

using namespace amanat;
using namespace amanat::seal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto snapshot = Snapshot::parse(bytes);
  ensure(!snapshot || std::ranges::equal(snapshot->encode(), bytes), "a snapshot has one spelling");
  ensure(!open_snapshot(bytes, AccountId{}, SnapshotKey{}), "nobody guesses a tag");
  return 0;
}
