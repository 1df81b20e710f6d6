#pragma once

// SQLite as we use it: write-ahead log, every commit on disk before it returns, foreign keys on,
// deleted rows overwritten. One connection belongs to one thread at a time.
//
//   auto database = Database::open(path, {.migrations = kSteps});
//   auto transaction = Transaction::begin(*database);
//   auto insert = database->prepare("INSERT INTO labels (label, idx) VALUES (?, ?)");
//   if (auto done = insert->run(label, index); !done) return carry(done, "recording the label");
//   if (auto done = transaction->commit(); !done) return carry(done, "recording the label");
//
// Failures: unavailable when the disk is full or another process holds the database; corrupt when
// the file is damaged; conflict when a constraint says no.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/store/statement.h"

namespace amanat::store {

struct DatabaseOptions {
  /// Steps of SQL that lead from an empty file to the present schema. A file that has taken n of
  /// them (its user_version) takes the rest, all in one transaction.
  std::span<const std::string_view> migrations = {};
  std::uint32_t busy_timeout_ms = 5000;
  bool read_only = false;
};

/// One connection to one file. Closes in its destructor, after all its statements.
class Database {
 public:
  /// Opens or creates the file at `path`, readable by its owner alone.
  ///
  ///   fails   corrupt when the file is no database or damaged, stale when a newer program has
  ///           migrated it further than this one knows, unavailable when it cannot be opened
  static Result<Database> open(const std::filesystem::path& path, const DatabaseOptions& options);
  /// A database in memory, for tests.
  static Result<Database> open_in_memory(const DatabaseOptions& options = {});

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Prepares one statement, or takes it from those prepared before.
  Result<Statement> prepare(std::string_view sql);
  /// Runs SQL text without parameters, several statements if need be.
  Result<> execute(std::string_view sql);
  /// Prepares, binds and runs one statement.
  template <class... Values>
  Result<> run(std::string_view sql, const Values&... values) {
    auto statement = prepare(sql);
    if (!statement) return carry(statement);
    return statement->run(values...);
  }

  std::uint64_t changed_rows() const;  // by the last INSERT, UPDATE or DELETE
  std::int64_t last_inserted_row() const;
  bool in_transaction() const;
  /// Reads the whole file and checks it; corrupt when something is wrong.
  Result<> check_integrity();
  /// Moves the write-ahead log into the file and empties it, so that what was deleted is gone.
  Result<> checkpoint();

 private:
  friend class Statement;
  struct State;
  explicit Database(std::unique_ptr<State> state);
  static Result<Database> open_at(const std::string& location, const DatabaseOptions& options);
  Result<std::uint64_t> read_version();
  Result<> migrate(std::span<const std::string_view> steps);

  std::unique_ptr<State> state_;
};

/// BEGIN IMMEDIATE: from here on nobody else writes. Rolls back in its destructor unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  /// BEGIN: all reads see the same moment; others may write.
  static Result<Transaction> begin_reading(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  /// Returns once everything is on disk. After a failure nothing of it is.
  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // nullptr once committed or moved from
};

/// A part of a transaction that can be undone alone. Rolls back unless released.
class Savepoint {
 public:
  static Result<Savepoint> begin(Database& database);
  Savepoint(Savepoint&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Savepoint& operator=(Savepoint&&) = delete;
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint();
  Result<> release();

 private:
  explicit Savepoint(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace amanat::store
