#include "amanat/program/resources.h"

#include <algorithm>

#include "amanat/program/fields.h"

namespace amanat::program {
namespace {

constexpr std::uint16_t kStringPool = 0x0001;
constexpr std::uint16_t kTable = 0x0002;
constexpr std::uint16_t kPackage = 0x0200;
constexpr std::uint16_t kType = 0x0201;
constexpr std::size_t kChunkHeaderSize = 8;
constexpr std::uint32_t kNoEntry = 0xffffffff;
constexpr std::uint32_t kFlagsSparse = 1;    // of a type: the entries that exist, by number
constexpr std::uint32_t kFlagsOffset16 = 2;  // of a type: offsets are 16 bits, counted in fours
constexpr std::uint16_t kEntryComplex = 1;   // several values under one number
constexpr std::uint16_t kEntryCompact = 8;   // the value lies in the entry itself
constexpr std::uint8_t kReference = 0x01;
constexpr std::uint8_t kString = 0x03;
constexpr std::uint8_t kDynamicReference = 0x07;

struct Chunk {
  std::uint16_t type = 0;
  ByteView bytes;
};

// The chunk at `at`, or nothing when it is cut.
std::optional<Chunk> chunk_at(ByteView bytes, std::uint64_t at) {
  Fields fields(bytes);
  const std::uint16_t type = fields.u16(at);
  const std::uint16_t header_size = fields.u16(at + 2);
  const std::uint32_t size = fields.u32(at + 4);
  const ByteView chunk = fields.bytes(at, size);
  if (fields.failed() || header_size < kChunkHeaderSize || size < header_size) return std::nullopt;
  return Chunk{type, chunk};
}

// The configuration begins with its size; the default one is zeros.
bool is_default_configuration(ByteView chunk) {
  Fields fields(chunk);
  const std::uint32_t size = fields.u32(20);
  const ByteView configuration = fields.bytes(24, std::max(size, std::uint32_t{4}) - 4);
  return !fields.failed()
         && std::ranges::all_of(configuration, [](std::uint8_t byte) { return byte == 0; });
}

// Where an entry begins, counted from the entries; nothing when this configuration has none.
std::optional<std::uint32_t> entry_offset(Fields& fields, std::uint32_t entry) {
  const std::uint8_t flags = fields.u8(9);
  const std::uint32_t count = fields.u32(12);
  const std::uint64_t offsets = fields.u16(2);
  if ((flags & kFlagsSparse) != 0) {
    for (std::uint64_t i = 0; i < count && fields.holds(offsets + i * 4, 4); ++i) {
      if (fields.u16(offsets + i * 4) == entry) return fields.u16(offsets + i * 4 + 2) * 4U;
    }
    return std::nullopt;
  }
  if (entry >= count) return std::nullopt;
  if ((flags & kFlagsOffset16) != 0) {
    const std::uint16_t offset = fields.u16(offsets + std::uint64_t{entry} * 2);
    if (offset == 0xffff) return std::nullopt;
    return offset * 4U;
  }
  const std::uint32_t offset = fields.u32(offsets + std::uint64_t{entry} * 4);
  if (offset == kNoEntry) return std::nullopt;
  return offset;
}

}  // namespace

Result<Resources> Resources::open(ByteView bytes) {
  const auto table = bytes.size() > kResourceBytesMax ? std::nullopt : chunk_at(bytes, 0);
  if (!table || table->type != kTable) return fail(Code::invalid_input, "not a resource table");
  Resources resources;
  bool has_strings = false;
  std::uint64_t at = Fields(bytes).u16(2);
  while (at + kChunkHeaderSize <= table->bytes.size()) {
    const auto chunk = chunk_at(table->bytes, at);
    if (!chunk) return fail(Code::invalid_input, "resource table: a chunk is cut");
    if (chunk->type == kStringPool && !has_strings) {
      auto strings = StringPool::open(chunk->bytes);
      if (!strings) return carry(strings, "resource table");
      resources.strings_ = *strings;
      has_strings = true;
    } else if (chunk->type == kPackage) {
      if (auto done = resources.read_package(chunk->bytes); !done) {
        return carry(done, "resource table");
      }
    }
    at += chunk->bytes.size();
  }
  return resources;
}

Result<> Resources::read_package(ByteView package) {
  Fields fields(package);
  const std::uint32_t id = fields.u32(8);
  std::uint64_t at = fields.u16(2);
  while (at + kChunkHeaderSize <= package.size()) {
    const auto chunk = chunk_at(package, at);
    if (!chunk) return fail(Code::invalid_input, "a chunk of a package is cut");
    if (chunk->type == kType) {
      if (types_.size() == kResourceTypesMax) return fail(Code::invalid_input, "too many types");
      types_.push_back(
          {chunk->bytes, id, Fields(chunk->bytes).u8(8), is_default_configuration(chunk->bytes)});
    }
    at += chunk->bytes.size();
  }
  return {};
}

std::optional<Resources::Value> Resources::value_in(const TypeChunk& chunk, std::uint32_t entry) {
  Fields fields(chunk.bytes);
  const auto offset = entry_offset(fields, entry);
  if (!offset) return std::nullopt;
  const std::uint64_t at = std::uint64_t{fields.u32(16)} + *offset;
  const std::uint16_t size = fields.u16(at);
  const std::uint16_t flags = fields.u16(at + 2);
  Value value;
  if ((flags & kEntryCompact) != 0) {
    value = {static_cast<std::uint8_t>(flags >> 8), fields.u32(at + 4)};
  } else if ((flags & kEntryComplex) != 0) {
    return std::nullopt;
  } else {
    value = {fields.u8(at + size + 3), fields.u32(at + size + 4)};
  }
  if (fields.failed()) return std::nullopt;
  return value;
}

std::optional<Resources::Value> Resources::find_value(std::uint32_t resource_id) const {
  std::optional<Value> first;
  for (const TypeChunk& chunk : types_) {
    if (chunk.package != resource_id >> 24 || chunk.type != (resource_id >> 16 & 0xff)) continue;
    if (first && !chunk.is_default) continue;
    if (const auto value = value_in(chunk, resource_id & 0xffff)) {
      if (chunk.is_default) return value;
      first = value;
    }
  }
  return first;
}

std::optional<std::string> Resources::find_text(std::uint32_t resource_id) const {
  for (std::size_t hop = 0; hop < kResourceHopsMax; ++hop) {
    const auto value = find_value(resource_id);
    if (!value) return std::nullopt;
    if (value->type == kString) return strings_.text(value->data, kResourceTextMax);
    if (value->type != kReference && value->type != kDynamicReference) return std::nullopt;
    resource_id = value->data;
  }
  return std::nullopt;
}

}  // namespace amanat::program
