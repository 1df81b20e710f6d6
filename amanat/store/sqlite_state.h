#pragma once

// What the parts of sqlite.h share; not for anyone else, because it includes sqlite3.h.

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

#include "amanat/store/sqlite.h"

namespace amanat::store {

inline constexpr std::size_t kPreparedMax = 256;

struct CloseDatabase {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// What the caller can do about a result code of SQLite.
Error error_of(int code);
inline std::unexpected<Error> failure(int code) { return std::unexpected<Error>(error_of(code)); }

struct Database::State {
  Handle handle;  // closes last, after the statements below
  std::unordered_map<std::string, StatementHandle> idle;

  // A statement out on loan may outlive its place here; then it is simply closed on return.
  void take_back(std::string sql, StatementHandle statement) {
    if (idle.size() >= kPreparedMax) idle.clear();
    idle.insert_or_assign(std::move(sql), std::move(statement));
  }
};

struct Statement::Prepared {
  Database::State* home = nullptr;
  std::string sql;
  StatementHandle handle;
  bool has_row = false;
  std::optional<Error> problem;  // what bind or a column met
};

}  // namespace amanat::store
