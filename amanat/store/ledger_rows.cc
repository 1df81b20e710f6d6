#include "amanat/store/ledger_rows.h"

#include <algorithm>

namespace amanat::store {

const std::string_view kLedgerSchema =
    "CREATE TABLE log_entries (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE log_tiles (level INTEGER NOT NULL, idx INTEGER NOT NULL, bytes BLOB NOT NULL,"
    "  PRIMARY KEY (level, idx)) STRICT;"
    "CREATE TABLE log_head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,"
    "  checkpoint TEXT NOT NULL) STRICT;";

Result<std::optional<tlog::LedgerHead>> LedgerRows::read_head() {
  auto query = database_->prepare("SELECT size, checkpoint FROM log_head WHERE one = 1");
  if (!query) return carry(query);
  const auto row = query->first();
  if (!row) return carry(row);
  if (!*row) return std::nullopt;
  tlog::LedgerHead head{.size = query->number(0), .checkpoint = std::string(query->text(1))};
  if (auto intact = query->intact(); !intact) return carry(intact);
  return head;
}

Result<> LedgerRows::write_head(const tlog::LedgerHead& head) {
  ensure(database_->in_transaction(), "the log grows in a transaction");
  return database_->run("INSERT OR REPLACE INTO log_head (one, size, checkpoint) VALUES (1, ?, ?)",
                        head.size, head.checkpoint);
}

Result<> LedgerRows::write_entry(std::uint64_t index, ByteView entry) {
  ensure(database_->in_transaction(), "the log grows in a transaction");
  return database_->run("INSERT INTO log_entries (idx, bytes) VALUES (?, ?)", index, entry);
}

Result<std::vector<Bytes>> LedgerRows::read_entries(std::uint64_t first, std::uint64_t count) {
  auto query =
      database_->prepare("SELECT idx, bytes FROM log_entries WHERE idx >= ? ORDER BY idx LIMIT ?");
  if (!query) return carry(query);
  query->bind_all(first, count);
  std::vector<Bytes> entries;
  for (std::uint64_t index = first; index < first + count; ++index) {
    const auto row = query->step();
    if (!row) return carry(row);
    if (!*row || query->number(0) != index) {
      return fail(Code::not_found, "entry " + std::to_string(index) + " is missing");
    }
    const ByteView bytes = query->blob(1);
    entries.emplace_back(bytes.begin(), bytes.end());
  }
  if (auto intact = query->intact(); !intact) return carry(intact);
  return entries;
}

Result<> LedgerRows::write_tile(unsigned level, std::uint64_t index, ByteView hashes) {
  ensure(database_->in_transaction(), "the log grows in a transaction");
  return database_->run("INSERT OR REPLACE INTO log_tiles (level, idx, bytes) VALUES (?, ?, ?)",
                        level, index, hashes);
}

Result<std::optional<Bytes>> LedgerRows::read_tile(unsigned level, std::uint64_t index) {
  auto query = database_->prepare("SELECT bytes FROM log_tiles WHERE level = ? AND idx = ?");
  if (!query) return carry(query);
  const auto row = query->first(level, index);
  if (!row) return carry(row);
  if (!*row) return std::nullopt;
  const ByteView bytes = query->blob(0);
  Bytes tile(bytes.begin(), bytes.end());
  if (auto intact = query->intact(); !intact) return carry(intact);
  return tile;
}

}  // namespace amanat::store
