// What parses as an index segment re-encodes to the same bytes, and finds each of its names.

#include "amanat/seal/index.h"

#include <algorithm>

using namespace amanat;
using namespace amanat::seal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto segment = IndexSegment::parse(bytes);
  if (!segment) return 0;
  ensure(std::ranges::equal(segment->encode(), bytes), "a segment has one spelling");
  for (const IndexEntry& entry : segment->entries) {
    ensure(segment->find(entry.place.name) == &entry, "every name is found");
  }
  return 0;
}
