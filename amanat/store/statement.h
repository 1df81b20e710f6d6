#pragma once

// One prepared statement of a database (store/sqlite.h): bind, step, read columns.
//
//   auto query = database.prepare("SELECT idx, bytes FROM entries WHERE idx >= ?");
//   query->bind_all(first);
//   for (;;) {
//     const auto row = query->step();
//     if (!row) return carry(row);
//     if (!*row) break;
//     use(query->number(0), query->blob(1));
//   }
//   if (auto intact = query->intact(); !intact) return carry(intact);

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::store {

class Database;

/// A prepared statement on loan from its database, which takes it back, reset and without its
/// bindings, when this dies. The database outlives it.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1. What is bound is copied. What cannot be bound (a number of 2^63 or
  // more) makes the next step fail.
  void bind(int parameter, std::uint64_t value);
  void bind_signed(int parameter, std::int64_t value);
  void bind(int parameter, ByteView blob);
  void bind(int parameter, std::string_view text);
  void bind_null(int parameter);
  template <class Tag, std::size_t N>
  void bind(int parameter, const Id<Tag, N>& id) {
    bind(parameter, id.bytes());
  }
  template <class T>
  void bind(int parameter, const std::optional<T>& value) {
    if (value) {
      bind(parameter, *value);
    } else {
      bind_null(parameter);
    }
  }

  /// Moves to the next row; false when there is none.
  Result<bool> step();
  /// Makes it ready to run again; bindings are gone.
  void reset();

  /// Binds all parameters in order and runs to the end, ignoring rows.
  template <class... Values>
  Result<> run(const Values&... values) {
    bind_all(values...);
    return finish();
  }
  /// Binds all parameters in order and steps to the first row; false when there is none.
  template <class... Values>
  Result<bool> first(const Values&... values) {
    bind_all(values...);
    return step();
  }
  template <class... Values>
  void bind_all(const Values&... values) {
    reset();
    int parameter = 0;
    (bind_value(++parameter, values), ...);
  }

  // Columns of the present row count from 0. Views live until the next step or reset. A column of
  // another type, or an id of another length, reads as zero or empty and makes the next step and
  // `intact` fail with corrupt.
  std::uint64_t number(int column);
  std::int64_t signed_number(int column);
  ByteView blob(int column);
  std::string_view text(int column);
  bool is_null(int column);
  template <class IdType>
  IdType id(int column) {
    auto id = IdType::from(blob(column));
    if (id) return *id;
    spoil("an id in the database has the wrong length");
    return IdType{};
  }
  /// Whether every column read so far had the type it was read as.
  Result<> intact() const;

 private:
  friend class Database;
  struct Prepared;
  explicit Statement(std::unique_ptr<Prepared> prepared);
  template <class T>
  void bind_value(int parameter, const T& value) {
    if constexpr (std::same_as<T, std::nullopt_t>) {
      bind_null(parameter);
    } else if constexpr (std::unsigned_integral<T>) {
      bind(parameter, static_cast<std::uint64_t>(value));
    } else if constexpr (std::signed_integral<T>) {
      bind_signed(parameter, static_cast<std::int64_t>(value));
    } else if constexpr (std::convertible_to<T, std::string_view>) {
      bind(parameter, std::string_view(value));
    } else if constexpr (std::convertible_to<T, ByteView>) {
      bind(parameter, ByteView(value));
    } else {
      bind(parameter, value);
    }
  }
  Result<> finish();
  void spoil(std::string_view problem);
  void give_back();

  std::unique_ptr<Prepared> prepared_;
};

}  // namespace amanat::store
