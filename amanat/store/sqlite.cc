#include "amanat/store/sqlite.h"

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <unistd.h>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

namespace amanat::store {
namespace {

constexpr std::size_t kPreparedMax = 256;

struct CloseDatabase {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// SQLite's own message may quote values, so what leaves here says only what kind of failure it is.
Error error_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {Code::unavailable, "the disk is full: free space on the custodian's volume"};
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE
          || code == SQLITE_IOERR_SHMSIZE) {
        return {Code::unavailable,
                "the disk is full or refuses to write: free space on the custodian's volume"};
      }
      return {Code::unavailable, "the disk does not read: look at the custodian's volume"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Code::unavailable, "the database is in use by another process"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return {Code::unavailable, "the database cannot be opened for writing"};
    case SQLITE_CORRUPT: return {Code::corrupt, "the database is damaged"};
    case SQLITE_NOTADB: return {Code::corrupt, "the file is no database"};
    case SQLITE_CONSTRAINT: return {Code::conflict, "a record contradicts what is stored"};
    case SQLITE_TOOBIG: return {Code::invalid_input, "a value is too big for the database"};
    default: return {Code::corrupt, std::string("the database: ") + sqlite3_errstr(code)};
  }
}

std::unexpected<Error> failure(int code) { return std::unexpected<Error>(error_of(code)); }

// A file that exists is not even opened: closing it would drop the locks that another connection
// of this process holds on it (SQLite: how to corrupt, 2.2).
Result<> create_private_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
    return {};
  }
  if (errno == EEXIST) return {};
  return failure(errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN);
}

}  // namespace

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

// --- statements

Statement::Statement(std::unique_ptr<Prepared> prepared) : prepared_(std::move(prepared)) {}
Statement::Statement(Statement&& other) noexcept = default;

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    give_back();
    prepared_ = std::move(other.prepared_);
  }
  return *this;
}

Statement::~Statement() { give_back(); }

void Statement::give_back() {
  if (!prepared_) return;
  reset();
  prepared_->home->take_back(std::move(prepared_->sql), std::move(prepared_->handle));
  prepared_.reset();
}

void Statement::reset() {
  sqlite3_reset(prepared_->handle.get());
  sqlite3_clear_bindings(prepared_->handle.get());
  prepared_->has_row = false;
  prepared_->problem.reset();
}

void Statement::bind(int parameter, std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    prepared_->problem = Error{Code::invalid_input, "a number is too big for the database"};
    return;
  }
  bind_signed(parameter, static_cast<std::int64_t>(value));
}

void Statement::bind_signed(int parameter, std::int64_t value) {
  ensure(sqlite3_bind_int64(prepared_->handle.get(), parameter, value) == SQLITE_OK,
         "a statement has the parameter that is bound");
}

void Statement::bind(int parameter, ByteView blob) {
  // A null pointer would bind NULL; an empty blob is not nothing.
  static constexpr std::uint8_t kEmpty = 0;
  const void* const data = blob.empty() ? &kEmpty : blob.data();
  const int code =
      sqlite3_bind_blob64(prepared_->handle.get(), parameter, data, blob.size(), SQLITE_TRANSIENT);
  ensure(code == SQLITE_OK || code == SQLITE_TOOBIG, "a statement has the parameter that is bound");
  if (code == SQLITE_TOOBIG) prepared_->problem = error_of(code);
}

void Statement::bind(int parameter, std::string_view text) {
  const char* const data = text.empty() ? "" : text.data();
  const int code = sqlite3_bind_text64(prepared_->handle.get(), parameter, data, text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  ensure(code == SQLITE_OK || code == SQLITE_TOOBIG, "a statement has the parameter that is bound");
  if (code == SQLITE_TOOBIG) prepared_->problem = error_of(code);
}

void Statement::bind_null(int parameter) {
  ensure(sqlite3_bind_null(prepared_->handle.get(), parameter) == SQLITE_OK,
         "a statement has the parameter that is bound");
}

Result<bool> Statement::step() {
  if (prepared_->problem) return std::unexpected<Error>(*prepared_->problem);
  const int code = sqlite3_step(prepared_->handle.get());
  prepared_->has_row = code == SQLITE_ROW;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(sqlite3_extended_errcode(sqlite3_db_handle(prepared_->handle.get())));
}

Result<> Statement::finish() {
  for (;;) {
    const auto row = step();
    if (!row) {
      auto failed = carry(row);
      reset();
      return failed;
    }
    if (*row) continue;
    reset();  // ends the statement's hold on the database
    return {};
  }
}

void Statement::spoil(std::string_view problem) {
  if (!prepared_->problem) prepared_->problem = Error{Code::corrupt, std::string(problem)};
}

Result<> Statement::intact() const {
  if (prepared_->problem) return std::unexpected<Error>(*prepared_->problem);
  return {};
}

std::int64_t Statement::signed_number(int column) {
  ensure(prepared_->has_row, "columns are read while there is a row");
  sqlite3_stmt* const handle = prepared_->handle.get();
  if (sqlite3_column_type(handle, column) != SQLITE_INTEGER) {
    spoil("a column of the database is no number");
    return 0;
  }
  return sqlite3_column_int64(handle, column);
}

std::uint64_t Statement::number(int column) {
  const std::int64_t value = signed_number(column);
  if (value < 0) {
    spoil("a number in the database is negative");
    return 0;
  }
  return static_cast<std::uint64_t>(value);
}

ByteView Statement::blob(int column) {
  ensure(prepared_->has_row, "columns are read while there is a row");
  sqlite3_stmt* const handle = prepared_->handle.get();
  if (sqlite3_column_type(handle, column) != SQLITE_BLOB) {
    spoil("a column of the database is no blob");
    return {};
  }
  const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle, column))};
}

std::string_view Statement::text(int column) {
  ensure(prepared_->has_row, "columns are read while there is a row");
  sqlite3_stmt* const handle = prepared_->handle.get();
  if (sqlite3_column_type(handle, column) != SQLITE_TEXT) {
    spoil("a column of the database is no text");
    return {};
  }
  const unsigned char* const data = sqlite3_column_text(handle, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle, column));
  return as_text(ByteView(data, size));
}

bool Statement::is_null(int column) {
  ensure(prepared_->has_row, "columns are read while there is a row");
  return sqlite3_column_type(prepared_->handle.get(), column) == SQLITE_NULL;
}

// --- databases

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& path, const DatabaseOptions& options) {
  if (!options.read_only) {
    // Created empty with its mode first: SQLite gives -wal and -shm the mode of the database.
    if (auto created = create_private_file(path); !created) return carry(created);
  }
  return open_at(path.string(), options);
}

Result<Database> Database::open_in_memory(const DatabaseOptions& options) {
  return open_at(":memory:", options);
}

Result<Database> Database::open_at(const std::string& location, const DatabaseOptions& options) {
  const int access =
      options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(location.c_str(), &raw, flags, nullptr);
  auto state = std::make_unique<State>();
  state->handle.reset(raw);
  if (code != SQLITE_OK) return failure(code);
  sqlite3_busy_timeout(raw, static_cast<int>(options.busy_timeout_ms));
  // Nobody who can alter the file may make us run functions or trust its schema (SQLite: security).
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);

  Database database(std::move(state));
  if (auto set = database.execute("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                                  "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;");
      !set) {
    return carry(set, "opening the database");
  }
  if (options.read_only) return database;
  if (auto set = database.execute("PRAGMA journal_mode = WAL"); !set) {
    return carry(set, "opening the database");
  }
  if (auto done = database.migrate(options.migrations); !done) {
    return carry(done, "migrating the database");
  }
  return database;
}

Result<> Database::migrate(std::span<const std::string_view> steps) {
  auto transaction = Transaction::begin(*this);
  if (!transaction) return carry(transaction);
  std::uint64_t version = 0;
  {
    auto query = prepare("PRAGMA user_version");
    if (!query) return carry(query);
    if (auto row = query->first(); !row) return carry(row);
    version = query->number(0);
  }
  if (version > steps.size()) {
    return fail(Code::stale, "the database is of a newer version of this program");
  }
  for (std::size_t step = version; step < steps.size(); ++step) {
    if (auto done = execute(steps[step]); !done) {
      return carry(done, "step " + std::to_string(step + 1));
    }
  }
  if (auto done = execute("PRAGMA user_version = " + std::to_string(steps.size())); !done) {
    return carry(done);
  }
  return transaction->commit();
}

Result<Statement> Database::prepare(std::string_view sql) {
  auto prepared = std::make_unique<Statement::Prepared>();
  prepared->home = state_.get();
  prepared->sql = std::string(sql);
  if (auto idle = state_->idle.extract(prepared->sql)) {
    prepared->handle = std::move(idle.mapped());
    return Statement(std::move(prepared));
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(state_->handle.get(), prepared->sql.c_str(),
                                      static_cast<int>(prepared->sql.size() + 1),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  prepared->handle.reset(raw);
  if (code != SQLITE_OK) {
    const int extended = sqlite3_extended_errcode(state_->handle.get());
    if ((extended & 0xff) != SQLITE_ERROR) return failure(extended);
    // The SQL is our own text and holds no values, so the message about it may be shown.
    return fail(Code::corrupt,
                std::string("the database: ") + sqlite3_errmsg(state_->handle.get()));
  }
  ensure(raw != nullptr, "a prepared statement is not empty");
  return Statement(std::move(prepared));
}

Result<> Database::execute(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(state_->handle.get(), text.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return failure(sqlite3_extended_errcode(state_->handle.get()));
}

std::uint64_t Database::changed_rows() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(state_->handle.get()));
}

std::int64_t Database::last_inserted_row() const {
  return sqlite3_last_insert_rowid(state_->handle.get());
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(state_->handle.get()) == 0; }

Result<> Database::check_integrity() {
  auto query = prepare("PRAGMA integrity_check(1)");
  if (!query) return carry(query);
  if (auto row = query->first(); !row) return carry(row, "checking the database");
  if (query->text(0) != "ok") return fail(Code::corrupt, "the database is damaged");
  return {};
}

Result<> Database::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(state_->handle.get(), nullptr,
                                             SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

// --- transactions

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
