#pragma once

// A ledger's rows in memory, for tests: with transactions, so that what is rolled back is gone.

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "amanat/tlog/ledger.h"

namespace amanat::tlog {

class MemoryLedger final : public LedgerStorage {
 public:
  void begin() { before_ = rows_; }
  void commit() { before_.reset(); }
  void rollback() { rows_ = *std::exchange(before_, std::nullopt); }

  Result<std::optional<LedgerHead>> read_head() override { return rows_.head; }
  Result<> write_head(const LedgerHead& head) override {
    rows_.head = head;
    return {};
  }
  Result<> write_entry(std::uint64_t index, ByteView entry) override {
    if (index != rows_.entries.size()) return fail(Code::conflict, "the index is not the next");
    rows_.entries.emplace_back(entry.begin(), entry.end());
    return {};
  }
  Result<std::vector<Bytes>> read_entries(std::uint64_t first, std::uint64_t count) override {
    if (first + count > rows_.entries.size()) return fail(Code::not_found, "an entry is missing");
    const auto begin = rows_.entries.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<Bytes>(begin, begin + static_cast<std::ptrdiff_t>(count));
  }
  Result<> write_tile(unsigned level, std::uint64_t index, ByteView hashes) override {
    rows_.tiles[{level, index}] = Bytes(hashes.begin(), hashes.end());
    return {};
  }
  Result<std::optional<Bytes>> read_tile(unsigned level, std::uint64_t index) override {
    const auto tile = rows_.tiles.find({level, index});
    if (tile == rows_.tiles.end()) return std::nullopt;
    return tile->second;
  }

  /// What a test may bend to see whether anybody notices.
  struct Rows {
    std::optional<LedgerHead> head;
    std::vector<Bytes> entries;
    std::map<std::pair<unsigned, std::uint64_t>, Bytes> tiles;
  };
  Rows& rows() { return rows_; }

 private:
  Rows rows_;
  std::optional<Rows> before_;  // while a transaction is open
};

}  // namespace amanat::tlog
