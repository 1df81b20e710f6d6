#pragma once

// Lists what this phone had logged, readably, and exports proofs that anyone can check with the
// log's key alone.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/phone/phone_records.h"

namespace amanat::phone {

struct LoggedEvent {
  std::uint64_t index = 0;
  Instant minute;
  std::string type;    // "consent_grant"
  std::string detail;  // "contacts", "17 frames", ...
};

/// The events with receipts, by index.
Result<std::vector<LoggedEvent>> list_log(PhoneRecords& records);

/// Writes each receipt as `<index>.tlog-proof` (C2SP tlog-proof) beside `<index>.entry`, the bytes
/// it is about. Returns how many.
Result<std::uint64_t> export_proofs(PhoneRecords& records, const std::filesystem::path& folder);

/// One proof: index, inclusion proof, checkpoint (https://c2sp.org/tlog-proof).
std::string tlog_proof_text(const tlog::Receipt& receipt);

}  // namespace amanat::phone
