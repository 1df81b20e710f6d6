#pragma once

// JSON at the border, strictly: UTF-8, no duplicate keys, no floats, integers from -2^63 to 2^64-1,
// nesting of at most 32, a size limit given by the caller. What is hashed or signed is always the
// bytes as received, never a re-encoding.
//
//   auto body = json::parse(text, 1 << 20);
//   json::Fields fields(*body, "event batch");
//   const auto nonce = fields.text("nonce", 64);           // required, at most 64 bytes
//   const auto after = fields.optional_number("after");
//   if (auto done = fields.finish(); !done) return carry(done);   // unknown fields are refused

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::json {

inline constexpr std::size_t kDepthMax = 32;

class Value;
using Array = std::vector<Value>;
/// Members in the order they were written; names are unique.
using Object = std::vector<std::pair<std::string, Value>>;

/// One JSON value. Copies freely.
class Value {
 public:
  Value() = default;  // null
  // NOLINTBEGIN(google-explicit-constructor): a tree of values is written as one expression
  Value(bool value) : data_(value) {}
  Value(std::uint64_t value) : data_(value) {}
  Value(std::uint32_t value) : data_(std::uint64_t{value}) {}
  Value(std::int64_t value);
  Value(int value) : Value(std::int64_t{value}) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(Object value) : data_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  /// Numbers from 0 up; negative ones are `negative()`.
  const std::uint64_t* number() const { return std::get_if<std::uint64_t>(&data_); }
  const std::int64_t* negative() const { return std::get_if<std::int64_t>(&data_); }
  const std::string* text() const { return std::get_if<std::string>(&data_); }
  const Array* array() const { return std::get_if<Array>(&data_); }
  const Object* object() const { return std::get_if<Object>(&data_); }
  /// The member with this name, or nullptr when this is no object or has none.
  const Value* find(std::string_view name) const;

 private:
  std::variant<std::monostate, bool, std::uint64_t, std::int64_t, std::string, Array, Object> data_;
};

/// Parses one value that fills all of `text`.
///
///   size_max   more bytes are refused unread
///   fails      invalid_input: not JSON, a duplicate key, a float, too deep, too big
Result<Value> parse(std::string_view text, std::size_t size_max);

/// Writes without white space, members in their order. Texts must be UTF-8: they pass through, with
/// only quotes, backslashes and control characters escaped.
std::string to_text(const Value& value);

/// Writes for people: two spaces a level.
std::string to_pretty_text(const Value& value);

/// Reads the members of one object; what is missing, of another type, too long or unknown makes it
/// fail at `finish`, and until then reads as empty.
class Fields {
 public:
  /// Borrows `value`. `what` names the object in messages.
  Fields(const Value& value, std::string_view what);

  std::string text(std::string_view name, std::size_t size_max);
  std::optional<std::string> optional_text(std::string_view name, std::size_t size_max);
  std::uint64_t number(std::string_view name, std::uint64_t max = ~std::uint64_t{0});
  std::optional<std::uint64_t> optional_number(std::string_view name,
                                               std::uint64_t max = ~std::uint64_t{0});
  bool boolean(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);
  /// Base64 (RFC 4648 §4) of at most `size_max` bytes.
  Bytes base64(std::string_view name, std::size_t size_max);
  /// Lower-case hex of exactly the id's length.
  template <class IdType>
  IdType hex_id(std::string_view name) {
    const std::string hex = text(name, IdType::kSize * 2);
    auto id = IdType::from_hex(hex);
    if (id) return *id;
    refuse(name, "is not an id in lower-case hex");
    return IdType{};
  }
  /// The array's items, borrowed; empty after a failure.
  const Array& array(std::string_view name, std::size_t count_max);
  const Array* optional_array(std::string_view name, std::size_t count_max);
  /// Any value, borrowed; nullptr (and failed) when missing.
  const Value* value(std::string_view name);
  const Value* optional_value(std::string_view name);

  void refuse(std::string_view name, std::string_view reason);
  bool failed() const { return !problem_.empty(); }

  /// Fails with invalid_input when anything did not fit or a member was never asked for.
  Result<> finish() const;
  /// The same, but members nobody asked for are allowed (documents of others).
  Result<> finish_open() const;

 private:
  const Value* take(std::string_view name, bool required);
  std::optional<std::string> text_of(std::string_view name, const Value* value,
                                     std::size_t size_max);
  std::optional<std::uint64_t> number_of(std::string_view name, const Value* value,
                                         std::uint64_t max);
  std::optional<bool> boolean_of(std::string_view name, const Value* value);
  const Array* array_of(std::string_view name, const Value* value, std::size_t count_max);

  const Object* object_ = nullptr;
  std::string what_;
  std::string problem_;
  std::vector<std::string> asked_;
};

}  // namespace amanat::json
