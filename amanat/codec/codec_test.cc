#include "amanat/codec/codec.h"

#include <random>

#include <doctest/doctest.h>

using namespace amanat;
using codec::Reader;
using codec::Writer;

namespace {

using TestId = Id<struct TestIdTag, 4>;
using TestKey = Key<struct TestKeyTag, 3>;

// A struct with one field of each kind.
struct Everything {
  std::uint8_t byte = 0;
  std::uint16_t word = 0;
  std::uint32_t half = 0;
  std::uint64_t whole = 0;
  TestId id;
  Bytes small, medium, large;

  friend bool operator==(const Everything&, const Everything&) = default;
};

constexpr std::size_t kMediumMax = 300;
constexpr std::size_t kLargeMax = 1000;

Bytes encode(const Everything& value) {
  Writer writer;
  writer.raw("magic");
  writer.u8(value.byte);
  writer.u16(value.word);
  writer.u32(value.half);
  writer.u64(value.whole);
  writer.raw(value.id.bytes());
  writer.zeros(2);
  writer.vector8(value.small);
  writer.vector16(value.medium, kMediumMax);
  writer.vector32(value.large, kLargeMax);
  return std::move(writer).take();
}

Result<Everything> decode(ByteView bytes) {
  Reader reader(bytes);
  const auto copy = [](ByteView view) { return Bytes(view.begin(), view.end()); };
  Everything value;
  reader.expect("magic", "the magic is wrong");
  value.byte = reader.u8();
  value.word = reader.u16();
  value.half = reader.u32();
  value.whole = reader.u64();
  value.id = reader.id<TestId>();
  reader.expect_zeros(2, "the padding is not zero");
  value.small = copy(reader.vector8());
  value.medium = copy(reader.vector16(kMediumMax));
  value.large = copy(reader.vector32(kLargeMax));
  if (auto done = reader.finish("everything"); !done) return carry(done);
  return value;
}

Everything random_value(std::mt19937_64& random) {
  const auto bytes = [&](std::size_t size_max) {
    Bytes made(random() % (size_max + 1));
    for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>(random());
    return made;
  };
  Everything value;
  value.byte = static_cast<std::uint8_t>(random());
  value.word = static_cast<std::uint16_t>(random());
  value.half = static_cast<std::uint32_t>(random());
  value.whole = random();
  for (std::uint8_t& byte : value.id.fill()) byte = static_cast<std::uint8_t>(random());
  value.small = bytes(0xff);
  value.medium = bytes(kMediumMax);
  value.large = bytes(kLargeMax);
  return value;
}

}  // namespace

TEST_CASE("numbers are big-endian and vectors carry their length in front") {
  Everything value;
  value.byte = 0x01;
  value.word = 0x0203;
  value.half = 0x04050607;
  value.whole = 0x08090a0b0c0d0e0f;
  value.id = *TestId::from_hex("a0a1a2a3");
  value.small = {0xb0};
  value.medium = {0xc0, 0xc1};
  CHECK(to_hex(encode(value))
        == "6d61676963"
           "01"
           "0203"
           "04050607"
           "08090a0b0c0d0e0f"
           "a0a1a2a3"
           "0000"
           "01b0"
           "0002c0c1"
           "00000000");
}

TEST_CASE("what is written is read again, and what is read is written as the same bytes") {
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same values on every run
  for (int round = 0; round < 300; ++round) {
    const Everything value = random_value(random);
    const Bytes bytes = encode(value);
    const auto decoded = decode(bytes);
    REQUIRE(decoded.has_value());
    CHECK(*decoded == value);
    Bytes bent = bytes;
    bent[random() % bent.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
    if (const auto other = decode(bent)) CHECK(encode(*other) == bent);
  }
}

TEST_CASE("a struct that is cut anywhere, or has a byte too many, is refused") {
  std::mt19937_64 random(2);  // NOLINT(cert-msc51-cpp): the same values on every run
  Bytes bytes = encode(random_value(random));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE(decode(cut).error().code == Code::invalid_input);
  }
  bytes.push_back(0);
  CHECK(decode(bytes).error().message
        == "everything: bytes left over after byte " + std::to_string(bytes.size() - 1));
}

TEST_CASE("a vector longer than its maximum is refused before it is read") {
  Writer writer;
  writer.vector16(Bytes(6), 6);
  Reader fits(writer.bytes());
  CHECK(fits.vector16(6).size() == 6);
  CHECK(fits.finish("vector").has_value());
  Reader too_long(writer.bytes());
  CHECK(too_long.vector16(5).empty());
  CHECK(too_long.finish("vector").error()
        == Error{Code::invalid_input, "vector: a vector is longer than its maximum at byte 2"});
  // A length near 4 GiB with nothing behind it neither wraps nor allocates.
  Reader empty(as_bytes("\xff\xff\xff\xff"));
  CHECK(empty.vector32(~std::size_t{0}).empty());
  CHECK(empty.failed());
}

TEST_CASE("after the first failure a reader yields zeros and keeps its reason") {
  const Bytes bytes{1, 2, 3, 4, 5};
  Reader reader(bytes);
  CHECK(reader.u32() == 0x01020304);
  CHECK(reader.u16() == 0);
  CHECK(reader.failed());
  CHECK(reader.left() == 0);
  CHECK(reader.u8() == 0);
  CHECK(reader.raw(1).empty());
  CHECK(reader.id<TestId>().is_zero());
  reader.refuse("another reason");
  CHECK(reader.finish("test").error().message == "test: it ends too early at byte 4");
}

TEST_CASE("a struct inside another may leave bytes over") {
  const Bytes bytes{1, 2, 3};
  Reader reader(bytes);
  CHECK(reader.u8() == 1);
  CHECK(reader.so_far("inner").has_value());
  CHECK_FALSE(reader.finish("inner").has_value());
  CHECK(reader.position() == 1);
  CHECK(reader.left() == 2);
}

TEST_CASE("magic numbers and zeros are what they must be") {
  Reader magic(as_bytes("AMNT"));
  magic.expect("AMNX", "the magic is wrong");
  CHECK(magic.finish("pack").error().message == "pack: the magic is wrong at byte 4");
  const Bytes bytes{0, 0, 1};
  Reader zeros(bytes);
  zeros.expect_zeros(3, "the padding is not zero");
  CHECK(zeros.failed());
  Reader enough(bytes);
  enough.expect_zeros(2, "the padding is not zero");
  CHECK_FALSE(enough.failed());
}

TEST_CASE("keys are read in place") {
  const Bytes bytes{1, 2, 3};
  Reader reader(bytes);
  const auto key = reader.key<TestKey>();
  CHECK(equal_in_constant_time(key.expose(), bytes));
  CHECK(reader.finish("key").has_value());
}
