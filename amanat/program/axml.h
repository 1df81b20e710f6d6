#pragma once

// Binary XML as Android packages hold it (ResXMLTree of Android's ResourceTypes.h).
//
//   file      u16 type, u16 header size, u32 size, chunks
//   chunks    string pool (type 1), resource map (0x180: u32 ids of the first strings),
//             then the events: 0x102 start and 0x103 end of an element; others are passed over
//
// Packages that hide put chunks of unknown types, wrong type numbers at the start and attributes
// without names into this; Android reads them all the same, and so does this: attributes are found
// by the resource ids that Android goes by, and only what Android could not read is refused.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "amanat/program/string_pool.h"

namespace amanat::program {

inline constexpr std::size_t kAxmlBytesMax = 64 * 1'024 * 1'024;
inline constexpr std::size_t kAxmlEventsMax = 262'144;
inline constexpr std::size_t kAxmlAttributesMax = 262'144;

/// The kinds of values that facts are read from; there are others (Res_value of ResourceTypes.h).
enum class ValueType : std::uint8_t {
  reference = 0x01,  // to a resource
  string = 0x03,     // index into the string pool
  decimal = 0x10,
  hexadecimal = 0x11,
  boolean = 0x12,
};

struct AxmlAttribute {
  std::uint32_t name = 0;         // index into the string pool
  std::uint32_t resource_id = 0;  // what Android knows the attribute by; 0: by its name only
  ValueType type = ValueType::string;
  std::uint32_t data = 0;
};

struct AxmlEvent {
  enum class Kind : std::uint8_t { start, end };
  Kind kind = Kind::start;
  std::uint32_t name = 0;  // index into the string pool
  std::uint32_t first_attribute = 0;
  std::uint32_t attribute_count = 0;
};

class Axml {
 public:
  /// Reads the events. Borrows `bytes` for the life of the document.
  ///
  ///   fails   invalid_input when it is no binary XML, is cut, or exceeds a limit
  static Result<Axml> open(ByteView bytes);

  /// In the order of the document. Ends need not match starts.
  std::span<const AxmlEvent> events() const { return events_; }

  /// The attributes of one of `events`.
  std::span<const AxmlAttribute> attributes(const AxmlEvent& event) const;

  const StringPool& strings() const { return strings_; }

 private:
  Result<> read_chunk(ByteView chunk, std::uint16_t type);
  Result<> read_start(ByteView chunk);
  Result<> read_end(ByteView chunk);

  StringPool strings_;
  bool has_strings_ = false;
  std::vector<std::uint32_t> resource_ids_;
  std::vector<AxmlEvent> events_;
  std::vector<AxmlAttribute> attributes_;
};

}  // namespace amanat::program
