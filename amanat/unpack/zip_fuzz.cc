// What lies in an archive comes out the same whole and in pieces, and never more than the limit.

#include "amanat/unpack/zip.h"

#include <cstdlib>

namespace amanat::unpack {
namespace {

constexpr std::size_t kSizeMax = 100'000;

void extract_twice(const Zip& zip, const ZipEntry& entry) {
  const auto whole = zip.extract(entry, kSizeMax);
  ensure(!whole || whole->size() <= kSizeMax, "an entry keeps its limit");
  Bytes pieces;
  const auto done = zip.unpack(entry, kSizeMax, [&](ByteView piece) {
    append(pieces, piece);
    return true;
  });
  ensure(pieces.size() <= kSizeMax, "pieces keep the limit");
  ensure(whole.has_value() == (done && done->whole), "both ways agree on what is whole");
  ensure(!whole || *whole == pieces, "both ways give the same bytes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto zip = Zip::open(read_from(bytes), bytes.size());
  if (zip) {
    ensure(zip->entries().size() <= kZipEntriesMax, "a listing keeps its limit");
    for (std::size_t i = 0; i < zip->entries().size() && i < 16; ++i) {
      extract_twice(*zip, zip->entries()[i]);
    }
  }
  return 0;
}

}  // namespace amanat::unpack
