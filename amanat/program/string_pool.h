#pragma once

// The strings that binary XML and resource tables keep in one place (Android's ResStringPool).
//
//   chunk     u16 type 1, u16 header size, u32 size, u32 string count, u32 style count, u32 flags,
//             u32 start of the strings, u32 start of the styles
//   offsets   u32 each, from the start of the strings
//   string    UTF-16: length (u16; or two, the first with bit 15 set), units, 0
//             UTF-8: length in units and in bytes (u8; or two, the first with bit 7 set), bytes, 0
//
// Strings are decoded one at a time, when somebody asks: a table may name one long string a million
// times. A count that does not fit the chunk is cut to what fits, as Android would find it.

#include <cstdint>
#include <optional>
#include <string>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::program {

inline constexpr std::size_t kPoolStringBytesMax = 65'536;  // longer ones are cut

class StringPool {
 public:
  StringPool() = default;

  /// Takes the chunk, its header included; borrows it for the life of the pool.
  static Result<StringPool> open(ByteView chunk);

  std::uint32_t count() const { return count_; }

  /// String number `index` as UTF-8, at most `size_max` bytes of it; what is not Unicode becomes
  /// U+FFFD. Nothing when there is no such string or it lies outside the chunk.
  std::optional<std::string> text(std::uint32_t index,
                                  std::size_t size_max = kPoolStringBytesMax) const;

 private:
  std::optional<std::string> utf8_text(std::uint64_t at, std::size_t size_max) const;
  std::optional<std::string> utf16_text(std::uint64_t at, std::size_t size_max) const;

  ByteView chunk_;
  std::uint32_t count_ = 0;
  std::uint32_t offsets_at_ = 0;
  std::uint32_t strings_at_ = 0;
  bool is_utf8_ = false;
};

}  // namespace amanat::program
