#include "amanat/codec/json.h"

#include <algorithm>

namespace amanat::json {

// A number from 0 up has one form, whatever type it came from.
Value::Value(std::int64_t value) {
  if (value < 0) {
    data_ = value;
  } else {
    data_ = static_cast<std::uint64_t>(value);
  }
}

const Value* Value::find(std::string_view name) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(*members, [&](const auto& member) { return member.first == name; });
  return found == members->end() ? nullptr : &found->second;
}

Fields::Fields(const Value& value, std::string_view what) : object_(value.object()), what_(what) {
  if (object_ == nullptr) problem_ = "it is not an object";
}

const Value* Fields::take(std::string_view name, bool required) {
  asked_.emplace_back(name);
  if (object_ == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(*object_, [&](const auto& member) { return member.first == name; });
  if (found != object_->end()) return &found->second;
  if (required) refuse(name, "is missing");
  return nullptr;
}

std::optional<std::string> Fields::text_of(std::string_view name, const Value* value,
                                           std::size_t size_max) {
  if (value == nullptr) return std::nullopt;
  const std::string* text = value->text();
  if (text == nullptr) {
    refuse(name, "is not text");
  } else if (text->size() > size_max) {
    refuse(name, "is too long");
  } else {
    return *text;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Fields::number_of(std::string_view name, const Value* value,
                                               std::uint64_t max) {
  if (value == nullptr) return std::nullopt;
  const std::uint64_t* number = value->number();
  if (number == nullptr) {
    refuse(name, "is not a whole number from 0 up");
  } else if (*number > max) {
    refuse(name, "is too large");
  } else {
    return *number;
  }
  return std::nullopt;
}

std::optional<bool> Fields::boolean_of(std::string_view name, const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const bool* boolean = value->boolean()) return *boolean;
  refuse(name, "is neither true nor false");
  return std::nullopt;
}

const Array* Fields::array_of(std::string_view name, const Value* value, std::size_t count_max) {
  if (value == nullptr) return nullptr;
  const Array* array = value->array();
  if (array == nullptr) {
    refuse(name, "is not an array");
  } else if (array->size() > count_max) {
    refuse(name, "has too many items");
  } else {
    return array;
  }
  return nullptr;
}

std::string Fields::text(std::string_view name, std::size_t size_max) {
  return text_of(name, take(name, true), size_max).value_or(std::string());
}

std::optional<std::string> Fields::optional_text(std::string_view name, std::size_t size_max) {
  return text_of(name, take(name, false), size_max);
}

std::uint64_t Fields::number(std::string_view name, std::uint64_t max) {
  return number_of(name, take(name, true), max).value_or(0);
}

std::optional<std::uint64_t> Fields::optional_number(std::string_view name, std::uint64_t max) {
  return number_of(name, take(name, false), max);
}

bool Fields::boolean(std::string_view name) {
  return boolean_of(name, take(name, true)).value_or(false);
}

std::optional<bool> Fields::optional_boolean(std::string_view name) {
  return boolean_of(name, take(name, false));
}

Bytes Fields::base64(std::string_view name, std::size_t size_max) {
  auto bytes = from_base64(text(name, (size_max + 2) / 3 * 4));
  if (!bytes) {
    refuse(name, "is not base64");
  } else if (bytes->size() > size_max) {
    refuse(name, "is too long");
  } else {
    return std::move(*bytes);
  }
  return {};
}

const Array& Fields::array(std::string_view name, std::size_t count_max) {
  static const Array empty;
  const Array* array = array_of(name, take(name, true), count_max);
  return array == nullptr ? empty : *array;
}

const Array* Fields::optional_array(std::string_view name, std::size_t count_max) {
  return array_of(name, take(name, false), count_max);
}

const Value* Fields::value(std::string_view name) { return take(name, true); }

const Value* Fields::optional_value(std::string_view name) { return take(name, false); }

void Fields::refuse(std::string_view name, std::string_view reason) {
  if (failed()) return;
  problem_ = name;
  problem_ += ' ';
  problem_ += reason;
}

// Names that we did not ask for are a stranger's text, so messages count them and do not repeat
// them.
Result<> Fields::finish() const {
  if (auto done = finish_open(); !done) return done;
  for (std::size_t i = 0; i < object_->size(); ++i) {
    if (std::ranges::find(asked_, (*object_)[i].first) == asked_.end()) {
      return fail(Code::invalid_input,
                  what_ + ": member number " + std::to_string(i) + " is unknown");
    }
  }
  return {};
}

Result<> Fields::finish_open() const {
  if (!failed()) return {};
  return fail(Code::invalid_input, what_ + ": " + problem_);
}

}  // namespace amanat::json
