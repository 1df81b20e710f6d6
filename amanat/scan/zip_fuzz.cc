// What lies in an archive comes out the same whole and in pieces, never more than the limit, and
// whatever the scanner thinks of it, it comes to an end.

#include "amanat/scan/zip.h"

#include <cstdlib>

#include "amanat/scan/scan.h"

namespace amanat::scan {
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
  static const Database database = Database::builtin();
  const Limits limits{.entries_max = 64, .entry_bytes_max = kSizeMax, .total_bytes_max = kSizeMax};
  const Scanner scanner(database, limits);
  const Verdict at_once = scanner.scan(bytes);
  const Verdict in_pieces = scanner.scan(read_from(bytes), bytes.size());
  ensure(at_once == in_pieces, "a file in memory and one in pieces have one verdict");
  return 0;
}

}  // namespace amanat::scan
