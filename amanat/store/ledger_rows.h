#pragma once

// The log's rows in the database of the records they are about: one transaction holds both.
//
//   log_entries(idx, bytes)        every entry
//   log_tiles(level, idx, bytes)   every tile of hashes, the growing ones too
//   log_head(size, checkpoint)     one row
//
// Append kLedgerSchema to the database's migrations. The rows are the log: tiles are served from
// here, and no file is derived from them.

#include <string_view>

#include "amanat/store/sqlite.h"
#include "amanat/tlog/ledger.h"

namespace amanat::store {

/// A migration step that makes the three tables.
extern const std::string_view kLedgerSchema;

class LedgerRows final : public tlog::LedgerStorage {
 public:
  /// Borrows `database`, whose migrations include kLedgerSchema. Writes belong to the transaction
  /// that is open on it; writing without one is a broken promise.
  explicit LedgerRows(Database& database) : database_(&database) {}

  Result<std::optional<tlog::LedgerHead>> read_head() override;
  Result<> write_head(const tlog::LedgerHead& head) override;
  Result<> write_entry(std::uint64_t index, ByteView entry) override;
  Result<std::vector<Bytes>> read_entries(std::uint64_t first, std::uint64_t count) override;
  Result<> write_tile(unsigned level, std::uint64_t index, ByteView hashes) override;
  Result<std::optional<Bytes>> read_tile(unsigned level, std::uint64_t index) override;

 private:
  Database* database_;
};

}  // namespace amanat::store
