#include "amanat/store/statement.h"

#include <limits>
#include <utility>

#include "amanat/store/sqlite_state.h"

namespace amanat::store {

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

}  // namespace amanat::store
