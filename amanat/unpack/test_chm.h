#pragma once

// Makes small help files (CHM): one directory chunk, files as they are in section 0, and an LZX
// stream of one block that is not packed, in which the files of section 1 lie.

#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

inline constexpr std::size_t kChmFrameBytes = 0x8000;

class ChmMaker {
 public:
  void add(std::string_view name, unsigned section, std::uint64_t offset, std::uint64_t length) {
    encode(name.size());
    append(entries_, as_bytes(name));
    encode(section);
    encode(offset);
    encode(length);
    ++count_;
  }

  /// A file of section 0.
  void add_stored(std::string_view name, std::string_view content) {
    add(name, 0, stored_.size(), content.size());
    append(stored_, as_bytes(content));
  }

  /// The stream of section 1, of at most one frame; files in it are added by their places.
  void add_packed(std::string_view frame) {
    Bytes packed{0x08, 0x30, 0, 0};  // no translation, a block as it is, of 0x8000 bytes
    for (int i = 0; i < 3; ++i) number(packed, 1, 4);
    append(packed, as_bytes(frame));
    packed.resize(packed.size() + kChmFrameBytes - frame.size());
    add_stream(packed);
  }

  /// A stream of section 1 as it is, said to unpack to one frame.
  void add_stream(ByteView packed) {
    const std::string storage = "::DataSpace/Storage/MSCompressed/";
    add_stored(storage + "Content", as_text(packed));

    Bytes control;
    for (const std::uint32_t field : {6U, 0x43585a4cU, 2U, 1U, 1U, 1U, 0U}) {
      number(control, field, 4);
    }
    add_stored(storage + "ControlData", as_text(control));
    Bytes table;
    for (const std::uint32_t field : {2U, 1U, 8U, 0x28U}) number(table, field, 4);
    for (const std::uint64_t field : {std::uint64_t{kChmFrameBytes}, std::uint64_t{packed.size()},
                                      std::uint64_t{kChmFrameBytes}, std::uint64_t{0}}) {
      number(table, field, 8);
    }
    add_stored(storage + "Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable",
               as_text(table));
  }

  Bytes make() const {
    constexpr std::uint64_t kFrontBytes = 0x60;
    constexpr std::uint64_t kSizesBytes = 0x18;
    constexpr std::uint64_t kDirectoryBytes = 0x54;
    constexpr std::uint64_t kChunkBytes = 0x1000;
    const std::uint64_t directory = kFrontBytes + kSizesBytes;
    const std::uint64_t content = directory + kDirectoryBytes + kChunkBytes;
    Bytes out;
    append(out, as_bytes("ITSF"));
    for (const std::uint32_t field : {3U, 0x60U, 1U, 0U, 0x409U}) number(out, field, 4);
    guid(out, 0x10);
    guid(out, 0x11);
    for (const std::uint64_t field :
         {kFrontBytes, kSizesBytes, directory, kDirectoryBytes + kChunkBytes, content}) {
      number(out, field, 8);
    }
    number(out, 0x1fe, 8);
    number(out, content + stored_.size(), 8);
    number(out, 0, 8);
    append(out, as_bytes("ITSP"));
    constexpr std::uint32_t kNone = 0xffff'ffff;
    for (const std::uint32_t field : {1U, 0x54U, 10U, 0x1000U, 2U, 1U, kNone, 0U, 0U, kNone, 1U}) {
      number(out, field, 4);
    }
    out.resize(directory + kDirectoryBytes);
    append(out, as_bytes("PMGL"));
    for (const std::uint32_t field : {2U, 0U, kNone, kNone}) number(out, field, 4);
    append(out, entries_);
    out.resize(content - 2);
    number(out, count_, 2);
    append(out, stored_);
    return out;
  }

 private:
  static void number(Bytes& out, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      out.push_back(static_cast<std::uint8_t>(i < 8 ? value >> (8 * i) : 0));
    }
  }
  static void guid(Bytes& out, std::uint8_t first) {
    append(out, Bytes{first, 0xfd, 0x01, 0x7c, 0xaa, 0x7b, 0xd0, 0x11, 0x9e, 0x0c, 0x00, 0xa0, 0xc9,
                      0x22, 0xe6, 0xec});
  }
  void encode(std::uint64_t value) {
    std::vector<std::uint8_t> digits{static_cast<std::uint8_t>(value & 0x7f)};
    for (value >>= 7; value > 0; value >>= 7) {
      digits.push_back(static_cast<std::uint8_t>(0x80 | (value & 0x7f)));
    }
    entries_.insert(entries_.end(), digits.rbegin(), digits.rend());
  }

  Bytes entries_;
  Bytes stored_;
  std::uint64_t count_ = 0;
};

}  // namespace amanat::unpack
