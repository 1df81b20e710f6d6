#pragma once

// The resource table of an Android package, resources.arsc: its strings, and what a resource number
// stands for (ResTable of Android's ResourceTypes.h).
//
//   table     u16 type 2, u16 header size, u32 size, u32 packages; a string pool; packages
//   package   type 0x200, u32 id, …; chunks: types 0x201 hold the values of one type (string, …)
//             for one configuration (language, screen, …)
//   number    0xPPTTEEEE: package, type, entry

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "amanat/program/string_pool.h"

namespace amanat::program {

inline constexpr std::size_t kResourceBytesMax = 512 * 1'024 * 1'024;
inline constexpr std::size_t kResourceTypesMax = 65'536;  // chunks of values in one table
inline constexpr std::size_t kResourceHopsMax = 16;       // references to references
inline constexpr std::size_t kResourceTextMax = 1'024;    // bytes of a text found by its number

class Resources {
 public:
  /// Finds the chunks. Borrows `bytes` for the life of the table.
  ///
  ///   fails   invalid_input when it is no resource table, is cut, or exceeds a limit
  static Result<Resources> open(ByteView bytes);

  /// Every string value in the table, in all languages.
  const StringPool& strings() const { return strings_; }

  /// The text behind a resource number, in the default configuration where there is one and else
  /// in the first that has it; references are followed. Nothing when the number leads nowhere.
  std::optional<std::string> find_text(std::uint32_t resource_id) const;

 private:
  // The values of one type for one configuration.
  struct TypeChunk {
    ByteView bytes;
    std::uint32_t package = 0;
    std::uint8_t type = 0;
    bool is_default = false;
  };
  struct Value {
    std::uint8_t type = 0;
    std::uint32_t data = 0;
  };

  Result<> read_package(ByteView package);
  std::optional<Value> find_value(std::uint32_t resource_id) const;
  static std::optional<Value> value_in(const TypeChunk& chunk, std::uint32_t entry);

  StringPool strings_;
  std::vector<TypeChunk> types_;
};

}  // namespace amanat::program
