#include "amanat/program/axml.h"

#include "amanat/program/fields.h"

namespace amanat::program {
namespace {

constexpr std::uint16_t kStringPool = 0x0001;
constexpr std::uint16_t kStartElement = 0x0102;
constexpr std::uint16_t kEndElement = 0x0103;
constexpr std::uint16_t kResourceMap = 0x0180;
constexpr std::size_t kChunkHeaderSize = 8;
constexpr std::size_t kAttributeSize = 20;
constexpr std::size_t kResourceIdsMax = 65'536;

}  // namespace

Result<Axml> Axml::open(ByteView bytes) {
  Fields fields(bytes);
  const std::uint16_t header_size = fields.u16(2);
  const std::uint32_t size = fields.u32(4);
  if (bytes.size() > kAxmlBytesMax || header_size < kChunkHeaderSize || size < header_size
      || !fields.holds(0, size)) {
    return fail(Code::invalid_input, "not binary XML");
  }
  Axml document;
  std::uint64_t at = header_size;
  while (at + kChunkHeaderSize <= size) {
    const std::uint16_t type = fields.u16(at);
    const std::uint32_t chunk_size = fields.u32(at + 4);
    if (chunk_size < kChunkHeaderSize || chunk_size < fields.u16(at + 2)
        || chunk_size > size - at) {
      return fail(Code::invalid_input, "binary XML: a chunk is cut");
    }
    if (auto done = document.read_chunk(fields.bytes(at, chunk_size), type); !done) {
      return carry(done, "binary XML");
    }
    at += chunk_size;
  }
  if (!document.has_strings_) return fail(Code::invalid_input, "binary XML: no strings");
  return document;
}

Result<> Axml::read_chunk(ByteView chunk, std::uint16_t type) {
  if (type == kStartElement) return read_start(chunk);
  if (type == kEndElement) return read_end(chunk);
  if (type == kStringPool && !has_strings_) {
    auto strings = StringPool::open(chunk);
    if (!strings) return carry(strings);
    strings_ = *strings;
    has_strings_ = true;
  }
  if (type == kResourceMap && resource_ids_.empty()) {
    Fields fields(chunk);
    for (std::uint64_t at = fields.u16(2); fields.holds(at, 4); at += 4) {
      if (resource_ids_.size() == kResourceIdsMax) break;
      resource_ids_.push_back(fields.u32(at));
    }
  }
  return {};
}

Result<> Axml::read_start(ByteView chunk) {
  Fields fields(chunk);
  const std::uint64_t at = fields.u16(2);
  AxmlEvent event;
  event.name = fields.u32(at + 4);
  const std::uint64_t first = at + fields.u16(at + 8);
  const std::uint64_t stride = fields.u16(at + 10);
  event.attribute_count = fields.u16(at + 12);
  event.first_attribute = static_cast<std::uint32_t>(attributes_.size());
  const bool fits =
      event.attribute_count == 0
      || (stride >= kAttributeSize && fields.holds(first, stride * event.attribute_count));
  if (fields.failed() || !fits) return fail(Code::invalid_input, "an element is cut");
  if (events_.size() == kAxmlEventsMax
      || attributes_.size() + event.attribute_count > kAxmlAttributesMax) {
    return fail(Code::invalid_input, "too many elements or attributes");
  }
  for (std::uint64_t i = 0; i < event.attribute_count; ++i) {
    const std::uint64_t attribute_at = first + i * stride;
    AxmlAttribute attribute;
    attribute.name = fields.u32(attribute_at + 4);
    if (attribute.name < resource_ids_.size()) {
      attribute.resource_id = resource_ids_[attribute.name];
    }
    attribute.type = ValueType{fields.u8(attribute_at + 15)};
    attribute.data = fields.u32(attribute_at + 16);
    attributes_.push_back(attribute);
  }
  events_.push_back(event);
  return {};
}

Result<> Axml::read_end(ByteView chunk) {
  Fields fields(chunk);
  AxmlEvent event{.kind = AxmlEvent::Kind::end};
  event.name = fields.u32(std::uint64_t{fields.u16(2)} + 4);
  if (fields.failed()) return fail(Code::invalid_input, "the end of an element is cut");
  if (events_.size() == kAxmlEventsMax) return fail(Code::invalid_input, "too many elements");
  events_.push_back(event);
  return {};
}

std::span<const AxmlAttribute> Axml::attributes(const AxmlEvent& event) const {
  return std::span(attributes_).subspan(event.first_attribute, event.attribute_count);
}

}  // namespace amanat::program
