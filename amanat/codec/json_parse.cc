// simdjson finds the structure and checks UTF-8 and escapes; this file walks what it found into
// our own values and refuses what two readers might understand differently: names that occur
// twice, and numbers that are not whole or do not fit 64 bits.

#include <algorithm>

#include <simdjson.h>

#include "amanat/codec/json.h"

namespace amanat::json {
namespace {

namespace dom = simdjson::dom;

std::unexpected<Error> bad_json(std::string_view reason) {
  return fail(Code::invalid_input, "json: " + std::string(reason));
}

bool has_duplicate(const Object& object) {
  std::vector<std::string_view> names;
  names.reserve(object.size());
  for (const auto& [name, value] : object) names.push_back(name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

Result<Value> walk(const dom::element& element, std::size_t depth);

Result<Value> walk_array(const dom::array& array, std::size_t depth) {
  if (depth == kDepthMax) return bad_json("it is nested too deep");
  Array values;
  for (const dom::element element : array) {
    auto value = walk(element, depth + 1);
    if (!value) return carry(value);
    values.push_back(std::move(*value));
  }
  return Value(std::move(values));
}

Result<Value> walk_object(const dom::object& object, std::size_t depth) {
  if (depth == kDepthMax) return bad_json("it is nested too deep");
  Object members;
  for (const auto& [name, element] : object) {
    auto value = walk(element, depth + 1);
    if (!value) return carry(value);
    members.emplace_back(std::string(name), std::move(*value));
  }
  if (has_duplicate(members)) return bad_json("a name occurs twice in one object");
  return Value(std::move(members));
}

// The getters cannot fail here, for the type was asked first; `value_unsafe` says so without an
// exception.
Result<Value> walk(const dom::element& element, std::size_t depth) {
  switch (element.type()) {
    case dom::element_type::ARRAY: return walk_array(element.get_array().value_unsafe(), depth);
    case dom::element_type::OBJECT: return walk_object(element.get_object().value_unsafe(), depth);
    case dom::element_type::STRING: return Value(element.get_string().value_unsafe());
    case dom::element_type::INT64: return Value(element.get_int64().value_unsafe());
    case dom::element_type::UINT64: return Value(element.get_uint64().value_unsafe());
    case dom::element_type::BOOL: return Value(element.get_bool().value_unsafe());
    case dom::element_type::NULL_VALUE: return Value();
    case dom::element_type::DOUBLE: break;
  }
  return bad_json("a number is not whole");
}

}  // namespace

Result<Value> parse(std::string_view text, std::size_t size_max) {
  if (text.size() > size_max) return bad_json("it is longer than its maximum");
  if (text.empty()) return bad_json("it is empty");
  dom::parser parser;
  // simdjson counts the value itself as a level, and we say which level is too deep.
  if (parser.allocate(text.size(), kDepthMax + 2) != simdjson::SUCCESS) {
    return bad_json("it cannot be held in memory");
  }
  dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root);
      error != simdjson::SUCCESS) {
    return bad_json(simdjson::error_message(error));
  }
  return walk(root, 0);
}

}  // namespace amanat::json
