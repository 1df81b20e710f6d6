#include "amanat/program/dex.h"

#include <algorithm>

#include "amanat/crypto/crypto.h"
#include "amanat/program/fields.h"
#include "amanat/program/unicode.h"

namespace amanat::program {
namespace {

constexpr std::size_t kHeaderSize = 112;
constexpr std::size_t kChecksumEnd = 12;
constexpr std::size_t kSignatureSize = 20;
constexpr std::uint32_t kLittleEndian = 0x12345678;
constexpr std::size_t kNameBytesMax = 4'096;

// Adler-32 (RFC 1950). Sums are reduced before they could overflow.
std::uint32_t adler32(ByteView bytes) {
  constexpr std::size_t kBlock = 5'552;
  constexpr std::uint32_t kPrime = 65'521;
  std::uint32_t low = 1;
  std::uint32_t high = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
    for (const std::uint8_t byte : bytes.subspan(at, std::min(kBlock, bytes.size() - at))) {
      low += byte;
      high += low;
    }
    low %= kPrime;
    high %= kPrime;
  }
  return high << 16 | low;
}

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

Result<Dex> Dex::open(ByteView bytes) {
  Fields fields(bytes);
  const ByteView magic = fields.bytes(0, 8);
  if (magic.empty() || as_text(magic.first(4)) != "dex\n" || magic[7] != 0
      || !std::ranges::all_of(magic.subspan(4, 3), is_digit)) {
    return fail(Code::not_found, "not a Dalvik executable");
  }
  if (!fields.holds(0, kHeaderSize) || fields.u32(40) != kLittleEndian) {
    return fail(Code::invalid_input, "Dalvik executable: the header is broken");
  }
  Dex dex;
  dex.bytes_ = bytes;
  dex.version_ = (magic[4] - '0') * 100 + (magic[5] - '0') * 10 + (magic[6] - '0');
  dex.file_size_ = fields.u32(32);
  dex.is_cut_ = dex.file_size_ > bytes.size();
  dex.strings_ = dex.read_table(56, 4);
  dex.types_ = dex.read_table(64, 4);
  dex.methods_ = dex.read_table(88, 8);
  dex.classes_ = dex.read_table(96, 32);
  return dex;
}

Dex::Table Dex::read_table(std::size_t header_at, std::size_t entry_size) {
  Fields fields(bytes_);
  Table table{fields.u32(header_at), fields.u32(header_at + 4)};
  const std::size_t room = table.at <= bytes_.size() ? (bytes_.size() - table.at) / entry_size : 0;
  if (table.count > room) {
    table.count = static_cast<std::uint32_t>(room);
    is_cut_ = true;
  }
  return table;
}

bool Dex::checksum_holds() const {
  if (file_size_ < kHeaderSize || file_size_ > bytes_.size()) return false;
  const ByteView covered = bytes_.first(file_size_).subspan(kChecksumEnd);
  return adler32(covered) == Fields(bytes_).u32(8);
}

bool Dex::signature_holds() const {
  if (file_size_ < kHeaderSize || file_size_ > bytes_.size()) return false;
  crypto::Digest sha1(crypto::DigestKind::sha1);
  sha1.update(bytes_.first(file_size_).subspan(kChecksumEnd + kSignatureSize));
  return std::ranges::equal(sha1.finish(), bytes_.subspan(kChecksumEnd, kSignatureSize));
}

std::optional<std::string> Dex::string(std::uint32_t index, std::size_t size_max) const {
  if (index >= strings_.count) return std::nullopt;
  Fields fields(bytes_);
  std::uint64_t at = fields.u32(strings_.at + std::uint64_t{index} * 4);
  // The length counts UTF-16 units and takes 1 to 5 bytes; the zero at the end is what counts.
  for (int i = 0; i < 5 && (fields.u8(at++) & 0x80) != 0; ++i) {
  }
  if (fields.failed() || at > bytes_.size()) return std::nullopt;
  // No more than three bytes in here give one byte of text.
  const ByteView rest = bytes_.subspan(static_cast<std::size_t>(at));
  const ByteView looked_at = rest.first(std::min(rest.size(), size_max * 3));
  const auto end = std::ranges::find(looked_at, std::uint8_t{0});
  if (end == looked_at.end() && looked_at.size() == rest.size()) return std::nullopt;
  return utf8_from_modified({looked_at.begin(), end}, size_max);
}

std::optional<std::string> Dex::type_name(std::uint32_t index) const {
  if (index >= types_.count) return std::nullopt;
  return string(Fields(bytes_).u32(types_.at + std::uint64_t{index} * 4), kNameBytesMax);
}

std::optional<std::string> Dex::class_name(std::uint32_t index) const {
  if (index >= classes_.count) return std::nullopt;
  return type_name(Fields(bytes_).u32(classes_.at + std::uint64_t{index} * 32));
}

std::optional<std::string> Dex::method_name(std::uint32_t index) const {
  if (index >= methods_.count) return std::nullopt;
  Fields fields(bytes_);
  const std::uint64_t at = methods_.at + std::uint64_t{index} * 8;
  const auto owner = type_name(fields.u16(at));
  const auto name = string(fields.u32(at + 4), kNameBytesMax);
  if (!owner || !name) return std::nullopt;
  return *owner + "->" + *name;
}

}  // namespace amanat::program
