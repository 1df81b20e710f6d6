#pragma once

// What is kept of a database when the next one comes, so that verdicts need not be thrown away.
//
//   const Bytes kept = inventory_of(database);                 // as long as its verdicts are
//   const threat::SignatureDelta delta = compare(kept, inventory_of(newer));
//   if (!delta.could_match(verdict.met, digest)) ...           // clean is still clean

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/scan/scan.h"
#include "amanat/threat/inventory.h"

namespace amanat::scan {

/// Costs a reading of all signatures, about a second for a very large database.
///
///   struct { "amanat/scan/inventory/1"; opaque engine<0..2^8-1>; uint32 threat_engine;
///            opaque rules[32]; opaque signatures<0..2^29>; } KeptInventory;
Bytes inventory_of(const Database& database);

/// What the database of `now` could find that the one of `before` could not. An inventory that is
/// damaged, of another engine or of other rules of YARA describes nothing: then it is everything.
threat::SignatureDelta compare(ByteView before, ByteView now);

}  // namespace amanat::scan
