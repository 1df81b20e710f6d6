#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "amanat/tlog/tile.h"

using namespace amanat;

// The first byte chooses how many entries the bundle should have.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const auto entries = tlog::parse_bundle(bytes, data[0] + 1U);
  if (!entries) return 0;
  std::vector<Bytes> owned;
  for (const ByteView entry : *entries) owned.emplace_back(entry.begin(), entry.end());
  ensure(std::ranges::equal(tlog::encode_bundle(owned), bytes), "a bundle has one encoding");
  return 0;
}
