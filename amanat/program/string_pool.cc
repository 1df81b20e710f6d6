#include "amanat/program/string_pool.h"

#include <algorithm>

#include "amanat/program/fields.h"
#include "amanat/program/unicode.h"

namespace amanat::program {
namespace {

constexpr std::uint16_t kStringPoolType = 1;
constexpr std::uint32_t kUtf8Flag = 1U << 8;
constexpr std::uint32_t kHeaderSize = 28;

// A length that takes one unit of `width` bytes, or two when the first has its top bit set.
std::uint32_t read_length(Fields& fields, std::uint64_t& at, std::size_t width) {
  const auto unit = [&] {
    const std::uint32_t value = width == 1 ? fields.u8(at) : fields.u16(at);
    at += width;
    return value;
  };
  const std::uint32_t top = 1U << (8 * width - 1);
  const std::uint32_t first = unit();
  if ((first & top) == 0) return first;
  return (first & (top - 1)) << (8 * width) | unit();
}

}  // namespace

Result<StringPool> StringPool::open(ByteView chunk) {
  Fields fields(chunk);
  StringPool pool;
  pool.chunk_ = chunk;
  const std::uint16_t type = fields.u16(0);
  pool.offsets_at_ = fields.u16(2);
  pool.count_ = fields.u32(8);
  pool.is_utf8_ = (fields.u32(16) & kUtf8Flag) != 0;
  pool.strings_at_ = fields.u32(20);
  if (!fields.holds(0, kHeaderSize) || type != kStringPoolType || pool.offsets_at_ < kHeaderSize
      || pool.offsets_at_ > chunk.size()) {
    return fail(Code::invalid_input, "not a string pool");
  }
  pool.count_ = static_cast<std::uint32_t>(
      std::min<std::size_t>(pool.count_, (chunk.size() - pool.offsets_at_) / 4));
  return pool;
}

std::optional<std::string> StringPool::text(std::uint32_t index, std::size_t size_max) const {
  if (index >= count_) return std::nullopt;
  const std::uint32_t offset = Fields(chunk_).u32(offsets_at_ + std::uint64_t{index} * 4);
  const std::uint64_t at = std::uint64_t{strings_at_} + offset;
  return is_utf8_ ? utf8_text(at, size_max) : utf16_text(at, size_max);
}

std::optional<std::string> StringPool::utf8_text(std::uint64_t at, std::size_t size_max) const {
  Fields fields(chunk_);
  read_length(fields, at, 1);
  const std::uint32_t size = read_length(fields, at, 1);
  const ByteView bytes = fields.bytes(at, size);
  if (fields.failed()) return std::nullopt;
  return utf8_from_untrusted(bytes, size_max);
}

std::optional<std::string> StringPool::utf16_text(std::uint64_t at, std::size_t size_max) const {
  Fields fields(chunk_);
  const std::uint64_t size = std::uint64_t{read_length(fields, at, 2)} * 2;
  const ByteView units = fields.bytes(at, size);
  if (fields.failed()) return std::nullopt;
  return utf8_from_utf16(units, size_max);
}

}  // namespace amanat::program
