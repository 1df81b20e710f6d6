#pragma once

// Looks inside one object, one level deep: each thing that lies in it is handed over whole, in
// memory, and the caller decides whether to look inside that again.
//
//   Budget budget(limits, clock);
//   const Outcome outcome = unpack(kind_of(object), object, budget, [&](const Found& found) {
//     return look_at(found.entry, found.content);       // false stops
//   });
//
// Nothing an object says about itself is believed: sizes, counts and places meet the object and
// the budget first. What could not be reached is told, entry by entry and for the whole object;
// "looked at everything" is `End::whole` in both.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/unpack/budget.h"
#include "amanat/unpack/file_type.h"

namespace amanat::unpack {

/// How it ended, from good to bad; the worse one wins when two meet.
enum class End : std::uint8_t {
  whole,
  encrypted,    // nobody without the password sees it
  unsupported,  // a method that we do not know
  damaged,      // broken, or it says two things at once; what came before is handed over
  over_budget,  // Budget::reached says which limit
};

/// In words: "encrypted".
std::string_view describe(End end);

/// What the container says about one thing inside it. Claims, not facts.
struct Entry {
  std::string name = {};          // as stored, at most kNameBytesMax bytes of it
  std::uint64_t packed_size = 0;  // in bytes
  std::uint64_t size = 0;         // as claimed, unpacked
  std::uint64_t position = 0;     // where it lies in the object, if it lies in one piece
  std::uint32_t index = 0;        // which one of the container it is, from 0
  std::uint32_t crc = 0;          // of zip, rar and gzip
  bool encrypted = false;
  bool hidden = false;        // not listed where readers look first, or listed differently there
  Kind kind = Kind::unknown;  // known from where it lay (a script in a PDF); else ask kind_of
};
inline constexpr std::size_t kNameBytesMax = 4096;

/// One thing that was found. `content` lives until the callback returns; stored entries are views
/// of the object itself.
struct Found {
  const Entry& entry;
  End end = End::whole;
  ByteView content;
};
using OnFound = std::function<bool(const Found& found)>;

/// How far the object was looked into: the worst end of its own structure and of its entries.
struct Outcome {
  End end = End::whole;
  std::string_view problem;   // in words, when the structure itself is wrong; static text
  std::uint32_t entries = 0;  // handed over
  bool stopped = false;       // the callback said so

  void note(End worse, std::string_view why = {});
};

/// Looks inside `object`, which is of this `kind`; kinds that hold nothing give nothing.
///
/// Costs time in the size of the object and of what is found; memory for one inner object at a
/// time, which the budget counts.
Outcome unpack(Kind kind, ByteView object, Budget& budget, const OnFound& on_found);

}  // namespace amanat::unpack
