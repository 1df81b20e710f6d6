#pragma once

// Connections for reading: each reading sees one moment, records and log together, and holds up
// nobody who writes.

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/note/note.h"
#include "amanat/store/ledger_rows.h"
#include "amanat/store/sqlite.h"
#include "amanat/tlog/ledger.h"

namespace amanat::custodian {

class Readers;

/// One moment of the database, on loan to one thread.
class Reading {
 public:
  Reading(Reading&&) noexcept;
  Reading& operator=(Reading&&) = delete;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading();  // gives the connection back

  store::Database& database();
  tlog::Ledger& ledger();

 private:
  friend class Readers;
  struct Connection;
  Reading(Readers& readers, std::unique_ptr<Connection> connection, store::Transaction transaction);

  Readers* readers_;
  std::unique_ptr<Connection> connection_;
  std::optional<store::Transaction> transaction_;
};

class Readers {
 public:
  /// `database` has the present schema; `log_key` signs the log in it.
  Readers(std::filesystem::path database, note::VerifierKey log_key);
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers();

  /// Begins a reading. Thread-safe. The readings end before this does.
  Result<Reading> begin();

 private:
  friend class Reading;
  Result<std::unique_ptr<Reading::Connection>> take();
  void give_back(std::unique_ptr<Reading::Connection> connection);

  const std::filesystem::path path_;
  const note::VerifierKey log_key_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<Reading::Connection>> idle_;
};

}  // namespace amanat::custodian
