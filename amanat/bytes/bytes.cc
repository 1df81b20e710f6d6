#include "amanat/bytes/bytes.h"

#include <array>

namespace amanat {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view digits) {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values.at(static_cast<std::uint8_t>(digits[i])) = static_cast<std::uint8_t>(i);
  }
  return values;
}

std::string encode(ByteView bytes, std::string_view digits, bool padded) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16;
    if (count > 1) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
    if (count > 2) group |= bytes[i + 2];
    for (std::size_t digit = 0; digit <= count; ++digit) {
      text += digits[(group >> (18 - 6 * digit)) & 63];
    }
    if (padded) text.append(3 - count, '=');
  }
  return text;
}

Result<Bytes> decode(std::string_view text, const std::array<std::uint8_t, 256>& values) {
  if (text.size() % 4 == 1) return fail(Code::invalid_input, "base64 has an impossible length");
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t value = values.at(static_cast<std::uint8_t>(c));
    if (value == kNoDigit) return fail(Code::invalid_input, "base64 has a foreign character");
    group = (group << 6 | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(group >> bits));
    }
  }
  // The bits left over must be zero, or one value would have several spellings.
  if ((group & ((1U << bits) - 1)) != 0) {
    return fail(Code::invalid_input, "base64 has stray bits at its end");
  }
  return bytes;
}

}  // namespace

void wipe(ByteSpan memory) {
  volatile std::uint8_t* byte = memory.data();
  for (std::size_t i = 0; i < memory.size(); ++i) byte[i] = 0;
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

std::string to_hex(ByteView bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    hex += kHexDigits[byte >> 4];
    hex += kHexDigits[byte & 15];
  }
  return hex;
}

Result<Bytes> from_hex(std::string_view hex) {
  static constexpr auto kValues = values_of(kHexDigits);
  if (hex.size() % 2 != 0) return fail(Code::invalid_input, "hex has an odd number of digits");
  Bytes bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t high = kValues.at(static_cast<std::uint8_t>(hex[2 * i]));
    const std::uint8_t low = kValues.at(static_cast<std::uint8_t>(hex[2 * i + 1]));
    if (high == kNoDigit || low == kNoDigit) {
      return fail(Code::invalid_input, "hex has a character that is not 0-9 or a-f");
    }
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bytes;
}

std::string to_base64(ByteView bytes) { return encode(bytes, kBase64, true); }

Result<Bytes> from_base64(std::string_view text) {
  static constexpr auto kValues = values_of(kBase64);
  if (text.size() % 4 != 0) return fail(Code::invalid_input, "base64 is not padded");
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  return decode(text.substr(0, text.size() - padding), kValues);
}

std::string to_base64url(ByteView bytes) { return encode(bytes, kBase64Url, false); }

Result<Bytes> from_base64url(std::string_view text) {
  static constexpr auto kValues = values_of(kBase64Url);
  return decode(text, kValues);
}

SecretBytes::SecretBytes(std::size_t size)
    : memory_(std::make_unique<std::uint8_t[]>(size)), size_(size) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe(expose());
    memory_ = std::move(other.memory_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { wipe(expose()); }

SecretBytes SecretBytes::duplicate() const { return copy_of(expose()); }

SecretBytes SecretBytes::copy_of(ByteView bytes) {
  SecretBytes copy(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.memory_.get(), bytes.data(), bytes.size());
  return copy;
}

}  // namespace amanat
