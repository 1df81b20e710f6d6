#pragma once

// Bytes, names and secrets: the three kinds of memory every module speaks of.
//
// `Bytes` copy freely. An `Id` is a public name of fixed length. A `Key` or `SecretBytes` moves but
// never copies, grows, prints or compares, and is wiped when it dies; `expose()` is the only door
// into it, so one search lists every use of key material.

#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "amanat/error/error.h"

namespace amanat {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

/// Text as the bytes it is made of; borrows.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Bytes as text, unchecked; borrows.
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Appends `more` to `bytes`.
inline void append(Bytes& bytes, ByteView more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// Overwrites memory so that the compiler cannot leave it out.
void wipe(ByteSpan memory);

/// Compares in time that depends on the lengths alone. Different lengths are different.
bool equal_in_constant_time(ByteView a, ByteView b);

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);

/// Reads lower-case hexadecimal; fails with invalid_input on anything else, odd lengths included.
Result<Bytes> from_hex(std::string_view hex);

/// Base64 with `+/` and padding (RFC 4648 §4), the one spelling of each value.
std::string to_base64(ByteView bytes);

/// Reads base64 as `to_base64` writes it; any other spelling is invalid_input.
Result<Bytes> from_base64(std::string_view text);

/// Base64 with `-_` and no padding (RFC 4648 §5).
std::string to_base64url(ByteView bytes);

/// Reads base64url as `to_base64url` writes it; any other spelling is invalid_input.
Result<Bytes> from_base64url(std::string_view text);

/// A public name of N bytes that compares with its own kind only.
template <class Tag, std::size_t N>
class Id {
 public:
  static constexpr std::size_t kSize = N;

  Id() = default;
  explicit Id(const std::array<std::uint8_t, N>& bytes) : bytes_(bytes) {}

  /// Takes exactly N bytes; fails with invalid_input on any other number.
  static Result<Id> from(ByteView bytes) {
    if (bytes.size() != N) return fail(Code::invalid_input, "an id has the wrong length");
    Id id;
    std::memcpy(id.bytes_.data(), bytes.data(), N);
    return id;
  }

  /// Reads 2N lower-case hexadecimal digits.
  static Result<Id> from_hex(std::string_view hex) {
    auto bytes = amanat::from_hex(hex);
    if (!bytes) return carry(bytes);
    return from(*bytes);
  }

  ByteView bytes() const { return bytes_; }
  ByteSpan fill() { return bytes_; }
  std::string hex() const { return to_hex(bytes_); }
  bool is_zero() const { return *this == Id{}; }

  friend bool operator==(const Id&, const Id&) = default;
  friend std::strong_ordering operator<=>(const Id&, const Id&) = default;

 private:
  std::array<std::uint8_t, N> bytes_{};
};

/// For unordered containers: ids are hashes or random, so any eight bytes will do.
struct IdHash {
  template <class Tag, std::size_t N>
  std::size_t operator()(const Id<Tag, N>& id) const {
    static_assert(N >= sizeof(std::size_t));
    std::size_t hash = 0;
    std::memcpy(&hash, id.bytes().data(), sizeof(hash));
    return hash;
  }
};

/// Secret memory: has its full length at birth, is filled in place, moves, and is wiped.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);
  SecretBytes(SecretBytes&& other) noexcept
      : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  /// A secret with the same content: copying is a decision, so it has a name.
  SecretBytes duplicate() const;
  static SecretBytes copy_of(ByteView bytes);

  ByteView expose() const { return {memory_.get(), size_}; }
  ByteSpan expose() { return {memory_.get(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t size_ = 0;
};

/// A secret of one length and purpose: tags do not mix.
template <class Tag, std::size_t N>
class Key {
 public:
  static constexpr std::size_t kSize = N;

  Key() = default;
  Key(Key&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
  Key& operator=(Key&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { wipe(bytes_); }

  static Result<Key> from(ByteView bytes) {
    if (bytes.size() != N) return fail(Code::invalid_input, "a key has the wrong length");
    Key key;
    std::memcpy(key.bytes_.data(), bytes.data(), N);
    return key;
  }
  Key duplicate() const {
    Key key;
    key.bytes_ = bytes_;
    return key;
  }

  ByteView expose() const { return bytes_; }
  ByteSpan expose() { return bytes_; }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

}  // namespace amanat
