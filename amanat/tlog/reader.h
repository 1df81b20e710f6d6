#pragma once

// Reads a whole log from outside, the way a verifier or a monitor does: fetches the checkpoint and
// every entry, rebuilds the root from nothing, and compares it with the one that was signed. A log
// that passes is one list of entries; whether the list is decent is what `faults` says.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"
#include "amanat/note/note.h"
#include "amanat/tlog/entry.h"

namespace amanat::tlog {

/// Gives the bytes at a path below the log (`checkpoint`, `tile/entries/000`), from a server, a
/// folder or an evidence file. Bounds what it returns; the reader checks all of it.
using Fetch = std::function<Result<Bytes>(std::string_view path)>;

/// One entry as the log holds it.
struct ReadEntry {
  std::uint64_t index = 0;
  ByteView bytes;              // borrowed during the visit
  std::optional<Entry> entry;  // nothing for an unregistered type or a malformed entry
};
/// Called for each entry in order; an error stops the reading and is what read_log returns. Entries
/// are visited before the root is known to hold: act on them only after read_log has succeeded.
using VisitEntry = std::function<Result<>(const ReadEntry&)>;

enum class FaultKind : std::uint8_t {
  malformed,         // an entry of a registered type that does not parse
  label_repeated,    // a label was used twice
  minute_went_back,  // by more than 2
  no_log_config,     // entry 0 is not a log_config, or another entry is one
};
std::string_view name_of(FaultKind kind);

/// Something in a signed list of entries that should not be there.
struct Fault {
  FaultKind kind = FaultKind::malformed;
  std::uint64_t index = 0;
  std::string message;
  friend bool operator==(const Fault&, const Fault&) = default;
};
inline constexpr std::size_t kFaultsMax = 1000;  // kept; further ones are only counted

struct LogReading {
  merkle::Root root;  // as signed and as rebuilt
  std::uint64_t user_entries = 0;
  std::uint64_t organisation_entries = 0;
  std::map<std::uint8_t, std::uint64_t> by_type;  // count of entries of each id, whatever it is
  std::map<std::uint8_t, std::uint64_t> unknown;  // ids nobody writes yet or nobody registered
  std::vector<Fault> faults;                      // in order of index
  std::uint64_t fault_count = 0;
};

/// Fetches the checkpoint; forged, not_found or invalid_input as note::open_checkpoint says.
Result<note::VerifiedCheckpoint> fetch_checkpoint(const Fetch& fetch, const note::VerifierKey& key);

/// Reads the log of `checkpoint` from its first entry to its last. Costs 40 bytes of memory for
/// each entry of a user, for the labels.
///
///   earlier  roots seen before, of this log or said to be: each must be a beginning of it
///   fails    forged when the entries do not have the signed root, or an earlier root is not of a
///            beginning of them: keep both; what `fetch` or `visit` failed with
Result<LogReading> read_log(const Fetch& fetch, const note::VerifiedCheckpoint& checkpoint,
                            const VisitEntry& visit, std::span<const merkle::Root> earlier = {});

/// Checks through tiles alone that the log under `older` is a beginning of the one under `newer`.
/// Tiles are believed only as far as the proof made from them verifies.
///
///   fails    forged when it is not, or the tiles do not have the root of `newer`
Result<> check_growth(const Fetch& fetch, const merkle::Root& older, const merkle::Root& newer);

}  // namespace amanat::tlog
