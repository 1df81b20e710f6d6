// Whatever is read as an event of some kind re-encodes to the bytes it came from.

#include "amanat/custodian/statements.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace amanat;

void check_spelling(const tlog::Event& event, ByteView bytes) {
  if (!std::ranges::equal(tlog::encode(event), bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto posted = custodian::read_posted_event(bytes)) check_spelling(posted->event, bytes);
  if (const auto object = custodian::read_object_event(bytes)) check_spelling(object->event, bytes);
  if (const auto head = custodian::read_head_event(bytes)) check_spelling(*head, bytes);
  return 0;
}
