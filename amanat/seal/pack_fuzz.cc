// Headers and directories: what parses re-encodes to the same bytes, and the entries of a directory
// lie apart, within the pack. The first byte picks which.

#include "amanat/seal/pack.h"

#include <algorithm>

using namespace amanat;
using namespace amanat::seal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes = ByteView(data, size).subspan(1);
  if (data[0] % 2 == 0) {
    Bytes whole(bytes.begin(), bytes.end());
    whole.resize(kPackHeaderBytes);
    const auto header = PackHeader::parse(whole);
    ensure(!header || std::ranges::equal(header->encode(), ByteView(whole).first(96)),
           "a header has one spelling");
    return 0;
  }
  constexpr std::uint64_t kBlobs = 1'000'000;
  const auto entries = parse_directory(bytes, kBlobs);
  if (!entries) return 0;
  ensure(std::ranges::equal(encode_directory(*entries), bytes), "a directory has one spelling");
  std::uint64_t end = 0;
  for (const PackEntry& entry : *entries) {
    ensure(entry.offset >= end, "blobs lie apart");
    end = std::uint64_t{entry.offset} + entry.stored;
  }
  ensure(end <= kBlobs, "blobs lie before the directory");
  return 0;
}
