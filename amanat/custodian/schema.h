#pragma once

// The custodian's tables. What stands in them is public names, sealed bytes, signed statements and
// the openings of log entries; the tables of the log itself are store/ledger_rows.h.
//
//   facts        single values that live with the records: the sequencer's last time, the maker
//   notices      every notice ever published
//   accounts     a pseudonym, its newest phrase key, where it stands, what it uses
//   devices      their keys; the one-time key is the newest each has published
//   events       what each user entry in the log commits to (its opening)
//   grants       one consent each, by the commitment of its consent_grant event
//   packs        what is stored, under which event, and what has become of it
//   pack_grants  the grants of each pack
//   commits      the history of each device
//   keyrings     versions; the sealed bytes and the statement go when a version has to
//   auditors     who may ask for openings
//   challenges   nonces that auditors have fixed

#include <span>
#include <string_view>

#include "amanat/error/error.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

/// The steps for store::Database, the log's first.
std::span<const std::string_view> schema();

/// A single value; nothing when it was never written.
Result<std::optional<Bytes>> read_fact(store::Database& database, std::string_view name);
Result<> write_fact(store::Database& database, std::string_view name, ByteView value);
Result<std::optional<std::uint64_t>> read_number_fact(store::Database& database,
                                                      std::string_view name);
Result<> write_number_fact(store::Database& database, std::string_view name, std::uint64_t value);

}  // namespace amanat::custodian
