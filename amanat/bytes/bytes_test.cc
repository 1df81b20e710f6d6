#include "amanat/bytes/bytes.h"

#include <algorithm>
#include <random>
#include <type_traits>
#include <unordered_set>

#include <doctest/doctest.h>

using namespace amanat;

namespace {
using TestId = Id<struct TestIdTag, 8>;
using OtherId = Id<struct OtherIdTag, 8>;
using TestKey = Key<struct TestKeyTag, 32>;
using OtherKey = Key<struct OtherKeyTag, 32>;

// Secrets move and never copy, grow, print or compare; names compare with their own kind only.
static_assert(!std::copyable<SecretBytes> && std::movable<SecretBytes>);
static_assert(!std::copyable<TestKey> && std::movable<TestKey>);
static_assert(!std::equality_comparable<SecretBytes> && !std::equality_comparable<TestKey>);
static_assert(std::copyable<TestId> && std::totally_ordered<TestId>);
static_assert(!std::equality_comparable_with<TestId, OtherId>);
static_assert(!std::is_constructible_v<TestKey, const OtherKey&>);
static_assert(!std::is_constructible_v<TestKey, OtherKey&&>);
static_assert(!std::is_convertible_v<TestKey, ByteView>);

Bytes random_bytes(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

bool is_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}
}  // namespace

TEST_CASE("base64 meets the vectors of RFC 4648") {
  struct Case {
    std::string_view plain, padded, url;
  };
  const auto cases = std::to_array<Case>({
      {"", "", ""},
      {"f", "Zg==", "Zg"},
      {"fo", "Zm8=", "Zm8"},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg==", "Zm9vYg"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "+//+", "-__-"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.padded);
    CHECK(to_base64(as_bytes(c.plain)) == c.padded);
    CHECK(to_base64url(as_bytes(c.plain)) == c.url);
    CHECK(as_text(*from_base64(c.padded)) == c.plain);
    CHECK(as_text(*from_base64url(c.url)) == c.plain);
  }
}

TEST_CASE("each value has one spelling in base64") {
  const auto cases = std::to_array<std::string_view>({
      "Z",    "Zg",       "Zg=",    "Zg===", "Zh==",  "Zm9=", "Zm8",      "=",    "==",     "====",
      "A===", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm 9v", "-__-", "Zm9v====", "Z=g=", "Zm9vYg",
  });
  for (const std::string_view text : cases) {
    CAPTURE(text);
    const auto bytes = from_base64(text);
    REQUIRE_FALSE(bytes.has_value());
    CHECK(bytes.error().code == Code::invalid_input);
  }
  for (const std::string_view text : {"Z", "Zg==", "Zh", "Zm9", "+//+", "Zm9v ", "=", "ZgZgZ"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64url(text).has_value());
  }
}

TEST_CASE("hexadecimal is lower case and whole bytes") {
  CHECK(to_hex(as_bytes(std::string_view("\x00\x7f\xff", 3))) == "007fff");
  CHECK(*from_hex("007fff") == Bytes{0x00, 0x7f, 0xff});
  CHECK(from_hex("")->empty());
  for (const std::string_view text : {"0", "000", "0G", "FF", "fF", " 00", "0x00", "\xff\xff"}) {
    CAPTURE(text);
    CHECK(from_hex(text).error().code == Code::invalid_input);
  }
}

TEST_CASE("bytes of every length survive every spelling") {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same bytes on every run
  for (std::size_t size = 0; size < 200; ++size) {
    const Bytes bytes = random_bytes(random, size);
    CHECK(*from_hex(to_hex(bytes)) == bytes);
    CHECK(*from_base64(to_base64(bytes)) == bytes);
    CHECK(*from_base64url(to_base64url(bytes)) == bytes);
  }
}

TEST_CASE("comparing in constant time says the same as comparing") {
  std::mt19937 random(2);  // NOLINT(cert-msc51-cpp): the same bytes on every run
  for (std::size_t size = 0; size < 40; ++size) {
    Bytes a = random_bytes(random, size);
    CHECK(equal_in_constant_time(a, Bytes(a)));
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      Bytes b = a;
      b[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(equal_in_constant_time(a, b));
    }
    Bytes longer = a;
    longer.push_back(0);
    CHECK_FALSE(equal_in_constant_time(a, longer));
  }
}

TEST_CASE("an id has exactly its length, compares, sorts and names itself") {
  const auto id = TestId::from_hex("0102030405060708");
  REQUIRE(id.has_value());
  CHECK(id->hex() == "0102030405060708");
  CHECK(*TestId::from(id->bytes()) == *id);
  CHECK(TestId{} < *id);
  CHECK(TestId{}.is_zero());
  CHECK_FALSE(id->is_zero());
  CHECK_FALSE(TestId::from(Bytes(7)).has_value());
  CHECK_FALSE(TestId::from(Bytes(9)).has_value());
  CHECK_FALSE(TestId::from_hex("010203040506070").has_value());
  CHECK_FALSE(TestId::from_hex("0102030405060708090a").has_value());
  const std::unordered_set<TestId, IdHash> ids{TestId{}, *id, *id};
  CHECK(ids.size() == 2);
}

TEST_CASE("a key that has moved leaves zeros behind") {
  auto key = TestKey::from(Bytes(32, 7));
  REQUIRE(key.has_value());
  const TestKey copy = key->duplicate();
  TestKey moved = std::move(*key);
  // NOLINTNEXTLINE(bugprone-use-after-move): that nothing is left is what we look for
  CHECK(is_zero(key->expose()));
  CHECK(equal_in_constant_time(moved.expose(), copy.expose()));
  TestKey assigned;
  assigned = std::move(moved);
  // NOLINTNEXTLINE(bugprone-use-after-move)
  CHECK(is_zero(moved.expose()));
  CHECK(equal_in_constant_time(assigned.expose(), copy.expose()));
  CHECK_FALSE(TestKey::from(Bytes(31)).has_value());
  CHECK_FALSE(TestKey::from(Bytes(33)).has_value());
}

TEST_CASE("a secret moves whole and is copied only on purpose") {
  SecretBytes secret = SecretBytes::copy_of(Bytes{1, 2, 3});
  const SecretBytes copy = secret.duplicate();
  SecretBytes moved = std::move(secret);
  // NOLINTNEXTLINE(bugprone-use-after-move): that nothing is left is what we look for
  CHECK(secret.empty());
  CHECK(equal_in_constant_time(moved.expose(), copy.expose()));
  moved.expose()[0] = 9;
  CHECK_FALSE(equal_in_constant_time(moved.expose(), copy.expose()));
  SecretBytes assigned(5);
  CHECK(is_zero(assigned.expose()));
  assigned = std::move(moved);
  CHECK(assigned.size() == 3);
  CHECK(SecretBytes().empty());
  CHECK(SecretBytes::copy_of({}).empty());
}

TEST_CASE("wiping leaves zeros") {
  Bytes bytes(100, 0xff);
  wipe(ByteSpan(bytes).first(99));
  CHECK(is_zero(ByteView(bytes).first(99)));
  CHECK(bytes[99] == 0xff);
  wipe({});
}
