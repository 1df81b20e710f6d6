#pragma once

// The property that every unpacker keeps, whatever it is given: it comes to an end within its
// budget, hands over nothing larger than one object may be, and says the same when asked again.

#include <cstdint>

#include "amanat/clock/clock.h"
#include "amanat/unpack/unpack.h"

namespace amanat::unpack {

struct Seen {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t sum = 0;
  End end = End::whole;

  friend bool operator==(const Seen&, const Seen&) = default;
};

inline Seen look(Kind kind, ByteView object) {
  constexpr Limits kLimits{.entries_max = 256,
                           .bytes_max = 1ULL << 19,
                           .object_bytes_max = 1ULL << 16,
                           .memory_bytes_max = 1ULL << 20,
                           .stub_steps_max = 5000};
  const ManualClock clock{Instant{}};
  Budget budget(kLimits, clock);
  Seen seen;
  const Outcome outcome = unpack(kind, object, budget, [&](const Found& found) {
    const bool is_view = found.content.data() >= object.data()
                         && found.content.data() < object.data() + object.size();
    ensure(is_view || found.content.size() <= kLimits.object_bytes_max,
           "an object keeps its limit");
    ensure(found.entry.name.size() <= kNameBytesMax, "a name keeps its limit");
    ensure(found.entry.index == seen.entries, "entries are counted");
    ++seen.entries;
    seen.bytes += found.content.size();
    for (const std::uint8_t byte : found.content) seen.sum = seen.sum * 31 + byte;
    seen.end = std::max(seen.end, found.end);
    return true;
  });
  ensure(seen.entries <= kLimits.entries_max, "entries keep their limit");
  ensure(seen.bytes <= kLimits.bytes_max, "all bytes keep their limit");
  ensure(outcome.entries == seen.entries, "the outcome counts what was handed over");
  ensure(outcome.end >= seen.end, "the outcome is as bad as the worst entry");
  seen.end = outcome.end;
  return seen;
}

inline void fuzz_unpack(Kind kind, ByteView object) {
  ensure(look(kind, object) == look(kind, object), "the same bytes have the same content");
}

}  // namespace amanat::unpack
