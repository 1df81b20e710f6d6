#include "amanat/tlog/entry.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "amanat/tlog/bodies.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  // What parses has one spelling, and its body is checked without surprises.
  const auto entry = tlog::parse_entry(bytes);
  if (!entry) return 0;
  const Bytes again = tlog::encode(*entry);
  ensure(std::ranges::equal(again, bytes), "an entry has one encoding");
  if (const auto* const own = std::get_if<tlog::OrganisationEntry>(&*entry)) {
    (void)tlog::check_body(*own);
  }
  return 0;
}
