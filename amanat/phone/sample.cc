#include "amanat/phone/sample.h"

#include <algorithm>
#include <cstring>

namespace amanat::phone {
namespace {

constexpr std::size_t kSearchBytes = 64 * 1024;

}  // namespace

Sample sample_of(ByteView bytes) {
  Sample sample;
  sample.size = bytes.size();
  sample.head = bytes.first(std::min(bytes.size(), kHeadBytesMax));
  sample.read_at = [bytes](std::uint64_t offset, ByteSpan target) -> Result<> {
    if (offset > bytes.size() || target.size() > bytes.size() - offset) {
      return fail(Code::invalid_input, "reading past the end");
    }
    std::ranges::copy(bytes.subspan(static_cast<std::size_t>(offset), target.size()),
                      target.begin());
    return {};
  };
  return sample;
}

bool Window::read(std::uint64_t offset, ByteSpan target) {
  if (budget_.reads == 0 || target.size() > budget_.copied) return false;
  --budget_.reads;
  budget_.copied -= target.size();
  if (offset > sample_.size || target.size() > sample_.size - offset) return false;
  const std::uint64_t end = offset + target.size();
  if (end <= sample_.head.size()) {
    std::ranges::copy(sample_.head.subspan(static_cast<std::size_t>(offset), target.size()),
                      target.begin());
    return true;
  }
  return read_block(offset, target);
}

bool Window::read_block(std::uint64_t offset, ByteSpan target) {
  if (!sample_.read_at) return false;
  const bool cached = offset >= block_offset_ && offset - block_offset_ <= block_.size()
                      && target.size() <= block_.size() - (offset - block_offset_);
  if (!cached) {
    const std::uint64_t wanted = std::max<std::uint64_t>(target.size(), block_bytes_);
    const std::uint64_t count = std::min(wanted, sample_.size - offset);
    if (count > budget_.bytes) return false;
    budget_.bytes -= count;
    block_.resize(static_cast<std::size_t>(count));
    block_offset_ = offset;
    if (!sample_.read_at(offset, block_)) {
      block_.clear();
      return false;
    }
  }
  const auto start = static_cast<std::size_t>(offset - block_offset_);
  std::ranges::copy(ByteView(block_).subspan(start, target.size()), target.begin());
  return true;
}

std::optional<Bytes> Window::read(std::uint64_t offset, std::size_t count) {
  // Before memory is taken: a count from outside is at most what is there and what may be read.
  if (offset > size() || count > size() - offset) return std::nullopt;
  if (count
      > std::min(std::max<std::uint64_t>(budget_.bytes, sample_.head.size()), budget_.copied)) {
    return std::nullopt;
  }
  Bytes bytes(count);
  if (!read(offset, bytes)) return std::nullopt;
  return bytes;
}

Bytes Window::prefix(std::size_t count) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, size()));
  if (wanted > sample_.head.size()) {
    if (auto bytes = read(0, wanted)) return *std::move(bytes);
  }
  const ByteView seen = sample_.head.first(std::min(wanted, sample_.head.size()));
  return Bytes(seen.begin(), seen.end());
}

std::optional<std::uint64_t> Window::big(std::uint64_t offset, unsigned width) {
  std::array<std::uint8_t, 8> bytes{};
  ensure(width >= 1 && width <= bytes.size(), "a number has 1 to 8 bytes");
  if (!read(offset, ByteSpan(bytes).first(width))) return std::nullopt;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) value = value << 8U | bytes[i];
  return value;
}

std::optional<std::uint64_t> Window::little(std::uint64_t offset, unsigned width) {
  std::array<std::uint8_t, 8> bytes{};
  ensure(width >= 1 && width <= bytes.size(), "a number has 1 to 8 bytes");
  if (!read(offset, ByteSpan(bytes).first(width))) return std::nullopt;
  std::uint64_t value = 0;
  for (unsigned i = width; i > 0; --i) value = value << 8U | bytes[i - 1];
  return value;
}

bool Window::has(std::uint64_t offset, std::string_view text) {
  std::array<std::uint8_t, 64> bytes{};
  ensure(text.size() <= bytes.size(), "a magic number is short");
  const ByteSpan found = ByteSpan(bytes).first(text.size());
  return read(offset, found) && as_text(found) == text;
}

bool Window::mentions(std::string_view text, std::uint64_t count) {
  const std::uint64_t end = std::min(count, size());
  const std::uint64_t overlap = text.size();
  for (std::uint64_t offset = 0; offset < end;) {
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(kSearchBytes, end - offset));
    const auto piece = read(offset, length);
    if (!piece) return false;
    if (as_text(*piece).find(text) != std::string_view::npos) return true;
    if (length <= overlap) return false;
    offset += length - (offset + length < end ? overlap : 0);
  }
  return false;
}

}  // namespace amanat::phone
