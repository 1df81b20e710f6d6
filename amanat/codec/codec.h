#pragma once

// TLS presentation language (RFC 8446 §3): big-endian numbers, fixed-size fields, and vectors that
// carry their length in front. One value has one encoding: encode(decode(b)) == b.
//
// A `Writer` cannot fail, except that a vector longer than its maximum is a broken promise. A
// `Reader` never throws and never reads past its end: the first thing that does not fit makes it
// fail, every later read then yields zeros, and `finish()` reports what was wrong and where. So a
// parser reads like the struct it parses:
//
//   Reader reader(bytes);
//   Opening opening;
//   opening.type = reader.u8();
//   opening.salt = reader.id<Salt>();
//   opening.statement = reader.vector16(kStatementBytesMax);
//   if (auto done = reader.finish("opening"); !done) return carry(done);

#include <cstdint>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::codec {

class Writer {
 public:
  void u8(std::uint8_t value);
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);

  /// Bytes of a length that the struct fixes; nothing is put in front.
  void raw(ByteView bytes);
  void raw(std::string_view text) { raw(as_bytes(text)); }
  void zeros(std::size_t count);

  /// A vector: its length in 1, 2 or 4 bytes, then its bytes. `max` is the struct's own maximum.
  void vector8(ByteView bytes, std::size_t max = 0xff);
  void vector16(ByteView bytes, std::size_t max = 0xffff);
  void vector32(ByteView bytes, std::size_t max);

  ByteView bytes() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

class Reader {
 public:
  /// Borrows `bytes` for the life of the reader and of all views it hands out.
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();

  /// Exactly `count` bytes; an empty view after a failure.
  ByteView raw(std::size_t count);

  /// A public name of fixed length.
  template <class IdType>
  IdType id() {
    IdType value;
    fill(value.fill());
    return value;
  }
  /// A secret of fixed length.
  template <class KeyType>
  KeyType key() {
    KeyType value;
    fill(value.expose());
    return value;
  }

  /// The bytes of a vector whose length is written in 1, 2 or 4 bytes; fails when longer than
  /// `max`. Borrows.
  ByteView vector8(std::size_t max = 0xff);
  ByteView vector16(std::size_t max = 0xffff);
  ByteView vector32(std::size_t max);

  /// Fails unless the next bytes are exactly these: magic numbers and contexts.
  void expect(ByteView bytes, std::string_view what);
  void expect(std::string_view text, std::string_view what) { expect(as_bytes(text), what); }
  void expect_zeros(std::size_t count, std::string_view what);

  /// Makes the reader fail with this reason, unless it has failed already.
  void refuse(std::string_view reason);

  bool failed() const { return !problem_.empty(); }
  std::size_t left() const { return failed() ? 0 : bytes_.size() - position_; }
  std::size_t position() const { return position_; }

  /// Says whether everything was read and fitted: `invalid_input` "<what>: <reason> at byte n".
  Result<> finish(std::string_view what) const;

  /// Like `finish`, for a struct inside another: bytes may be left over.
  Result<> so_far(std::string_view what) const;

 private:
  void fill(ByteSpan target);

  ByteView bytes_;
  std::size_t position_ = 0;
  std::string problem_;
};

}  // namespace amanat::codec
