#include "amanat/codec/codec.h"

#include <algorithm>

namespace amanat::codec {
namespace {

template <class Number>
void write_number(Bytes& bytes, Number value) {
  for (int shift = static_cast<int>(sizeof(Number) * 8) - 8; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
  }
}

std::uint64_t number_of(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace

void Writer::u8(std::uint8_t value) { bytes_.push_back(value); }
void Writer::u16(std::uint16_t value) { write_number(bytes_, value); }
void Writer::u32(std::uint32_t value) { write_number(bytes_, value); }
void Writer::u64(std::uint64_t value) { write_number(bytes_, value); }
void Writer::raw(ByteView bytes) { append(bytes_, bytes); }
void Writer::zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }

void Writer::vector8(ByteView bytes, std::size_t max) {
  ensure(bytes.size() <= std::min<std::size_t>(max, 0xff), "a vector stays within its maximum");
  u8(static_cast<std::uint8_t>(bytes.size()));
  raw(bytes);
}

void Writer::vector16(ByteView bytes, std::size_t max) {
  ensure(bytes.size() <= std::min<std::size_t>(max, 0xffff), "a vector stays within its maximum");
  u16(static_cast<std::uint16_t>(bytes.size()));
  raw(bytes);
}

void Writer::vector32(ByteView bytes, std::size_t max) {
  ensure(bytes.size() <= std::min<std::size_t>(max, 0xffffffff),
         "a vector stays within its maximum");
  u32(static_cast<std::uint32_t>(bytes.size()));
  raw(bytes);
}

std::uint8_t Reader::u8() { return static_cast<std::uint8_t>(number_of(raw(1))); }
std::uint16_t Reader::u16() { return static_cast<std::uint16_t>(number_of(raw(2))); }
std::uint32_t Reader::u32() { return static_cast<std::uint32_t>(number_of(raw(4))); }
std::uint64_t Reader::u64() { return number_of(raw(8)); }

ByteView Reader::raw(std::size_t count) {
  if (failed()) return {};
  if (count > bytes_.size() - position_) {
    refuse("it ends too early");
    return {};
  }
  const ByteView view = bytes_.subspan(position_, count);
  position_ += count;
  return view;
}

ByteView Reader::vector8(std::size_t max) {
  const std::size_t size = u8();
  if (size > max) refuse("a vector is longer than its maximum");
  return raw(size);
}

ByteView Reader::vector16(std::size_t max) {
  const std::size_t size = u16();
  if (size > max) refuse("a vector is longer than its maximum");
  return raw(size);
}

ByteView Reader::vector32(std::size_t max) {
  const std::size_t size = u32();
  if (size > max) refuse("a vector is longer than its maximum");
  return raw(size);
}

void Reader::expect(ByteView bytes, std::string_view what) {
  const ByteView found = raw(bytes.size());
  if (!failed() && !std::ranges::equal(found, bytes)) refuse(what);
}

void Reader::expect_zeros(std::size_t count, std::string_view what) {
  const ByteView found = raw(count);
  if (!failed() && !std::ranges::all_of(found, [](std::uint8_t byte) { return byte == 0; })) {
    refuse(what);
  }
}

void Reader::refuse(std::string_view reason) {
  if (failed()) return;
  problem_ = reason;
  problem_ += " at byte ";
  problem_ += std::to_string(position_);
}

Result<> Reader::so_far(std::string_view what) const {
  if (!failed()) return {};
  std::string message(what);
  message += ": ";
  message += problem_;
  return fail(Code::invalid_input, std::move(message));
}

Result<> Reader::finish(std::string_view what) const {
  if (failed()) return so_far(what);
  if (position_ == bytes_.size()) return {};
  std::string message(what);
  message += ": bytes left over after byte ";
  message += std::to_string(position_);
  return fail(Code::invalid_input, std::move(message));
}

void Reader::fill(ByteSpan target) {
  const ByteView source = raw(target.size());
  if (!source.empty()) std::ranges::copy(source, target.begin());
}

}  // namespace amanat::codec
