#include "amanat/store/sqlite.h"

namespace amanat::store {

Result<Transaction> Transaction::begin(Database& database) {
  if (auto done = database.run("BEGIN IMMEDIATE"); !done) return carry(done);
  return Transaction(database);
}

Result<Transaction> Transaction::begin_reading(Database& database) {
  if (auto done = database.run("BEGIN"); !done) return carry(done);
  return Transaction(database);
}

Transaction::~Transaction() {
  // A full disk may have rolled back already, and then there is nothing left to undo.
  if (database_ == nullptr || !database_->in_transaction()) return;
  const auto undone = database_->run("ROLLBACK");
  ensure(undone.has_value() || !database_->in_transaction(), "a transaction can be rolled back");
}

Result<> Transaction::commit() {
  ensure(database_ != nullptr, "a transaction is committed once");
  if (!database_->in_transaction()) {
    return fail(Code::unavailable, "the database undid the transaction after a failure");
  }
  if (auto done = database_->run("COMMIT"); !done) return carry(done, "committing");
  database_ = nullptr;
  return {};
}

// Savepoints of one name nest: ROLLBACK TO and RELEASE mean the innermost.
Result<Savepoint> Savepoint::begin(Database& database) {
  ensure(database.in_transaction(), "a savepoint is part of a transaction");
  if (auto done = database.run("SAVEPOINT part"); !done) return carry(done);
  return Savepoint(database);
}

Savepoint::~Savepoint() {
  if (database_ == nullptr || !database_->in_transaction()) return;
  const auto undone = database_->run("ROLLBACK TO part");
  const auto released = database_->run("RELEASE part");
  ensure((undone && released) || !database_->in_transaction(), "a savepoint can be rolled back");
}

Result<> Savepoint::release() {
  ensure(database_ != nullptr, "a savepoint is released once");
  if (!database_->in_transaction()) {
    return fail(Code::unavailable, "the database undid the transaction after a failure");
  }
  if (auto done = database_->run("RELEASE part"); !done) return carry(done);
  database_ = nullptr;
  return {};
}

}  // namespace amanat::store
