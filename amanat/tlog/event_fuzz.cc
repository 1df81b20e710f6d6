#include "amanat/tlog/event.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto event = tlog::parse_event(bytes);
  if (!event) return 0;
  const Bytes again = tlog::encode(*event);
  ensure(std::ranges::equal(again, bytes), "an event has one encoding");
  // Parts that fit nothing are an error, never a broken promise.
  (void)tlog::check_well_formed(*event, {});
  ensure(tlog::shows(tlog::entry_of(*event, 1, tlog::Region::none), *event),
         "an entry shows the event it was made of");
  return 0;
}
