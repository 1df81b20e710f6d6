#pragma once

// The two ways in which signatures speak of kinds of objects: the coarse target of a body, by
// number, and the finer types of containers and handlers, by name.

#include <cstdint>
#include <optional>
#include <string_view>

namespace amanat::signature {

/// What a body is matched against; the numbers are the format's.
enum class Target : std::uint8_t {
  any = 0,
  pe = 1,
  ole2 = 2,
  html = 3,  // matched in its normal form
  mail = 4,
  graphics = 5,
  elf = 6,
  ascii = 7,  // matched in its normal form
  unused = 8,
  macho = 9,
  pdf = 10,
  flash = 11,
  java = 12,
  internal = 13,
  other = 14,
};
inline constexpr std::size_t kTargetCount = 15;

/// Whether offsets may be relative to an entry point or to sections.
constexpr bool is_executable(Target target) {
  return target == Target::pe || target == Target::elf || target == Target::macho;
}

/// A type of file by its name in the formats: "CL_TYPE_ZIP" without "CL_TYPE_", in the table's
/// order. A value knows only its place in that table.
class ObjectType {
 public:
  ObjectType() = default;  // ANY

  /// Finds "CL_TYPE_ZIP"; nothing when there is no such type.
  static std::optional<ObjectType> find(std::string_view name);
  /// Finds the type with this number.
  static std::optional<ObjectType> at(std::uint8_t number);

  /// "ZIP".
  std::string_view name() const;
  /// A small number, stable within one format version of a compiled database.
  std::uint8_t number() const { return number_; }
  bool is_any() const { return number_ == 0; }

  friend bool operator==(ObjectType, ObjectType) = default;

 private:
  std::uint8_t number_ = 0;
};

}  // namespace amanat::signature
