#include "amanat/custodian/readers.h"

#include <utility>

#include "amanat/custodian/schema.h"

namespace amanat::custodian {

struct Reading::Connection {
  explicit Connection(store::Database opened) : database(std::move(opened)), rows(database) {}
  store::Database database;
  store::LedgerRows rows;
  std::optional<tlog::Ledger> ledger;
};

Reading::Reading(Readers& readers, std::unique_ptr<Connection> connection,
                 store::Transaction transaction)
    : readers_(&readers),
      connection_(std::move(connection)),
      transaction_(std::move(transaction)) {}

Reading::Reading(Reading&& other) noexcept
    : readers_(other.readers_), connection_(std::move(other.connection_)) {
  if (other.transaction_) transaction_.emplace(*std::move(other.transaction_));
  other.transaction_.reset();
}

Reading::~Reading() {
  transaction_.reset();
  if (connection_) readers_->give_back(std::move(connection_));
}

store::Database& Reading::database() { return connection_->database; }
tlog::Ledger& Reading::ledger() { return *connection_->ledger; }

Readers::Readers(std::filesystem::path database, note::VerifierKey log_key)
    : path_(std::move(database)), log_key_(std::move(log_key)) {}

Readers::~Readers() = default;

Result<Reading> Readers::begin() {
  auto connection = take();
  if (!connection) return carry(connection, "opening the records");
  auto transaction = store::Transaction::begin_reading((*connection)->database);
  if (!transaction) return carry(transaction, "reading the records");
  if (!(*connection)->ledger) {
    auto ledger = tlog::Ledger::open((*connection)->rows, log_key_);
    if (!ledger) return carry(ledger, "reading the log");
    (*connection)->ledger.emplace(*std::move(ledger));
  }
  return Reading(*this, *std::move(connection), *std::move(transaction));
}

Result<std::unique_ptr<Reading::Connection>> Readers::take() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto database = store::Database::open(path_, {.migrations = schema()});
  if (!database) return carry(database);
  return std::make_unique<Reading::Connection>(*std::move(database));
}

void Readers::give_back(std::unique_ptr<Reading::Connection> connection) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(connection));
}

}  // namespace amanat::custodian
