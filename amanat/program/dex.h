#pragma once

// Dalvik executables, classes.dex of an Android package (Android's dex-format document).
//
//   header     "dex\n035\0" (035 to 041), u32 adler32 of what follows it, SHA-1 of what follows
//              that, sizes and places of the tables below; little-endian
//   strings    u32 place of: uleb128 length, modified UTF-8, 0
//   types      u32 string            prototypes, fields: not read
//   methods    u16 class (a type), u16 prototype, u32 name (a string)
//   classes    u32 type, …, 32 bytes each
//
// Tables that reach past the end are cut to what is there and said to be; strings and names are
// decoded one at a time, when somebody asks.

#include <cstdint>
#include <optional>
#include <string>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::program {

inline constexpr std::size_t kDexStringBytesMax = 65'536;  // longer ones are cut

class Dex {
 public:
  /// Reads the header. Borrows `bytes` for the life of the value.
  ///
  ///   fails   not_found when it does not begin like a Dalvik executable
  ///           invalid_input when the header is cut, or is of the other byte order
  static Result<Dex> open(ByteView bytes);

  int version() const { return version_; }                // 35 and so on
  std::uint32_t file_size() const { return file_size_; }  // as the header says
  bool is_cut() const { return is_cut_; }                 // a table reaches past the end
  bool checksum_holds() const;                            // adler32
  bool signature_holds() const;                           // SHA-1

  std::uint32_t string_count() const { return strings_.count; }
  std::uint32_t type_count() const { return types_.count; }
  std::uint32_t method_count() const { return methods_.count; }
  std::uint32_t class_count() const { return classes_.count; }

  /// String `index` as UTF-8, about `size_max` bytes of it at most; nothing when it lies outside.
  std::optional<std::string> string(std::uint32_t index,
                                    std::size_t size_max = kDexStringBytesMax) const;

  /// The descriptor of a type, `Lcom/example/Main;`.
  std::optional<std::string> type_name(std::uint32_t index) const;

  /// The descriptor of a class that the file defines.
  std::optional<std::string> class_name(std::uint32_t index) const;

  /// A method that the file defines or calls, `Lcom/example/Main;->onCreate`.
  std::optional<std::string> method_name(std::uint32_t index) const;

 private:
  struct Table {
    std::uint32_t count = 0;
    std::uint32_t at = 0;
  };

  Table read_table(std::size_t header_at, std::size_t entry_size);

  ByteView bytes_;
  int version_ = 0;
  std::uint32_t file_size_ = 0;
  bool is_cut_ = false;
  Table strings_;
  Table types_;
  Table methods_;
  Table classes_;
};

}  // namespace amanat::program
