#include "amanat/signature/tar_reader.h"

#include <algorithm>
#include <optional>

namespace amanat::signature {
namespace {

// Places of a header's fields (POSIX.1-1988, ustar).
constexpr std::size_t kNameSize = 100;
constexpr std::size_t kSizePlace = 124;
constexpr std::size_t kSizeSize = 12;
constexpr std::size_t kChecksumPlace = 148;
constexpr std::size_t kChecksumSize = 8;
constexpr std::size_t kTypePlace = 156;

// Octal digits, ended by a space or a zero.
std::optional<std::uint64_t> read_octal(ByteView field) {
  std::uint64_t value = 0;
  std::size_t i = 0;
  while (i < field.size() && field[i] == ' ') ++i;
  const std::size_t first = i;
  for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i) {
    value = value * 8 + static_cast<std::uint64_t>(field[i] - '0');
  }
  const bool ends = i == field.size() || field[i] == ' ' || field[i] == 0;
  if (i == first || !ends) return std::nullopt;
  return value;
}

std::uint64_t checksum_of(ByteView block) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_field = i >= kChecksumPlace && i < kChecksumPlace + kChecksumSize;
    sum += is_field ? std::uint64_t{' '} : block[i];
  }
  return sum;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name[0] != '.'
         && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f && c != '/'; });
}

}  // namespace

Result<bool> TarReader::feed(ByteView piece) {
  while (!piece.empty()) {
    if (partial_.empty() && piece.size() >= kBlockSize) {
      const auto wanted = take_block(piece.first(kBlockSize));
      if (!wanted || !*wanted) return wanted;
      piece = piece.subspan(kBlockSize);
      continue;
    }
    const std::size_t take = std::min(kBlockSize - partial_.size(), piece.size());
    append(partial_, piece.first(take));
    piece = piece.subspan(take);
    if (partial_.size() < kBlockSize) break;
    const Bytes block = std::move(partial_);
    partial_.clear();
    const auto wanted = take_block(block);
    if (!wanted || !*wanted) return wanted;
  }
  return true;
}

Result<bool> TarReader::take_block(ByteView block) {
  if (has_ended_) return true;
  if (!is_member_) return take_header(block);
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kBlockSize));
  if (!name_.empty()) append(content_, block.first(size));
  left_ -= size;
  if (left_ > 0) return true;
  return end_member();
}

Result<bool> TarReader::take_header(ByteView block) {
  if (std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; })) {
    has_ended_ = true;
    return true;
  }
  const auto size = read_octal(block.subspan(kSizePlace, kSizeSize));
  const auto checksum = read_octal(block.subspan(kChecksumPlace, kChecksumSize));
  if (!size || !checksum || *checksum != checksum_of(block)) {
    return fail(Code::invalid_input, "a set's archive is damaged");
  }
  if (++members_ > kCvdMembersMax || *size > kCvdMemberBytesMax
      || (total_ += *size) > kCvdBytesMax) {
    return fail(Code::invalid_input, "a set's archive is larger than any");
  }
  const std::uint8_t type = block[kTypePlace];
  name_.clear();
  if (type == '0' || type == 0) {
    const std::string_view name = as_text(block.first(kNameSize));
    name_ = name.substr(0, name.find('\0'));
    if (!is_plain_name(name_)) {
      return fail(Code::invalid_input, "a set's archive has a member without a plain name");
    }
  }
  content_.clear();
  left_ = *size;
  is_member_ = true;
  return left_ == 0 ? end_member() : Result<bool>(true);
}

Result<bool> TarReader::end_member() {
  is_member_ = false;
  return name_.empty() || on_member_(name_, content_);
}

Result<> TarReader::finish() const {
  if (is_member_ || !partial_.empty()) {
    return fail(Code::invalid_input, "a set's archive ends too early");
  }
  return {};
}

}  // namespace amanat::signature
