#include "amanat/store/sqlite.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "amanat/store/sqlite_state.h"

namespace amanat::store {
namespace {

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

// SQLite's own message may quote values, so what leaves here says only what kind of failure it is.
Error error_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {Code::unavailable, "the disk is full: free space where this database lies"};
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE
          || code == SQLITE_IOERR_SHMSIZE) {
        return {Code::unavailable,
                "the disk is full or refuses to write: free space where this database lies"};
      }
      return {Code::unavailable, "the disk does not read: look at the volume of this database"};
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
  // Most opens find nothing to do, and then write nothing: that also works on a full disk.
  const auto version = database.read_version();
  if (!version) return carry(version, "opening the database");
  if (*version == options.migrations.size()) return database;
  if (auto done = database.migrate(options.migrations); !done) {
    return carry(done, "migrating the database");
  }
  return database;
}

Result<std::uint64_t> Database::read_version() {
  auto query = prepare("PRAGMA user_version");
  if (!query) return carry(query);
  if (auto row = query->first(); !row) return carry(row);
  return query->number(0);
}

Result<> Database::migrate(std::span<const std::string_view> steps) {
  auto transaction = Transaction::begin(*this);
  if (!transaction) return carry(transaction);
  const auto version = read_version();
  if (!version) return carry(version);
  if (*version > steps.size()) {
    return fail(Code::stale, "the database is of a newer version of this program");
  }
  for (std::size_t step = *version; step < steps.size(); ++step) {
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

}  // namespace amanat::store
