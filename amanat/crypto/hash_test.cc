#include <thread>

#include <doctest/doctest.h>

#include "amanat/crypto/crypto.h"

using namespace amanat;
using namespace amanat::crypto;

namespace {
Bytes counting(std::uint8_t first, std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}
}  // namespace

TEST_CASE("SHA-256 meets FIPS 180-4") {
  CHECK(sha256({}).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(as_bytes("abc")).hex()
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).hex()
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("parts hash as the bytes they are together") {
  const Bytes message = counting(0, 200);
  const ByteView view(message);
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    CHECK(sha256({view.first(cut), view.subspan(cut)}) == sha256(view));
  }
}

TEST_CASE("a digest takes bytes as they come and starts anew when finished") {
  Digest digest;
  digest.update(as_bytes("a"));
  digest.update({});
  digest.update(as_bytes("bc"));
  CHECK(digest.finish_sha256() == sha256(as_bytes("abc")));
  CHECK(digest.finish_sha256() == sha256({}));
  digest.update(as_bytes("abc"));
  Digest moved = std::move(digest);
  CHECK(to_hex(moved.finish()) == sha256(as_bytes("abc")).hex());
}

TEST_CASE("lists of malware name files by MD5 and SHA-1 too") {
  Digest md5(DigestKind::md5);
  md5.update(as_bytes("abc"));
  CHECK(to_hex(md5.finish()) == "900150983cd24fb0d6963f7d28e17f72");
  Digest sha1(DigestKind::sha1);
  sha1.update(as_bytes("abc"));
  CHECK(to_hex(sha1.finish()) == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("threads hash side by side, each in its own lane") {
  const Hash expected = sha256(as_bytes("abc"));
  bool same = false;
  std::thread other([&] { same = sha256(as_bytes("abc")) == expected; });
  other.join();
  CHECK(same);
}

TEST_CASE("HMAC-SHA-256 meets RFC 4231") {
  struct Case {
    Bytes key;
    Bytes message;
    std::string_view mac;
  };
  const auto text = [](std::string_view t) { return Bytes(t.begin(), t.end()); };
  const auto cases = std::to_array<Case>({
      {Bytes(20, 0x0b), text("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {text("Jefe"), text("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting(1, 25), Bytes(50, 0xcd),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Bytes(131, 0xaa), text("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Bytes(131, 0xaa),
       text("This is a test using a larger than block-size key and a larger than block-size data. "
            "The key needs to be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  });
  for (const Case& c : cases) CHECK(hmac_sha256(c.key, {c.message}).hex() == c.mac);
}

TEST_CASE("HMAC takes its message in parts and a key of exactly one block") {
  const Bytes key = counting(0, 64);
  const Bytes message = counting(9, 100);
  CHECK(hmac_sha256(key, {ByteView(message).first(37), ByteView(message).subspan(37)})
        == hmac_sha256(key, {message}));
  CHECK(hmac_sha256(key, {message}) != hmac_sha256(ByteView(key).first(63), {message}));
}

TEST_CASE("HKDF-SHA256 meets RFC 5869") {
  struct Case {
    Bytes input_key;
    Bytes salt;
    Bytes info;
    std::string_view out;
  };
  const auto cases = std::to_array<Case>({
      {Bytes(22, 0x0b), counting(0, 13), counting(0xf0, 10),
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {counting(0, 80), counting(0x60, 80), counting(0xb0, 80),
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
       "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {Bytes(22, 0x0b),
       {},
       {},
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  });
  for (const Case& c : cases) {
    Bytes out(c.out.size() / 2);
    hkdf(c.input_key, c.salt, {c.info}, out);
    CHECK(to_hex(out) == c.out);
  }
}

TEST_CASE("HKDF binds its info whole, however it is cut, and fills up to 8,160 bytes") {
  const Bytes key(32, 7);
  Bytes long_output(8160);
  hkdf_expand(key, {as_bytes("amanat/"), as_bytes("test")}, long_output);
  Bytes short_output(33);
  hkdf_expand(key, {as_bytes("amanat/test")}, short_output);
  CHECK(std::equal(short_output.begin(), short_output.end(), long_output.begin()));
  hkdf_expand(key, {as_bytes("amanat/other")}, short_output);
  CHECK_FALSE(std::equal(short_output.begin(), short_output.end(), long_output.begin()));
}

TEST_CASE("a derived key depends on input, salt and info") {
  using TestKey = Key<struct TestKeyTag, 32>;
  const Bytes input(32, 1);
  const auto make = [&](std::string_view salt, std::string_view info) {
    return derive_key<TestKey>(input, as_bytes(salt), {as_bytes(info)});
  };
  const TestKey key = make("salt", "info");
  CHECK(equal_in_constant_time(key.expose(), make("salt", "info").expose()));
  CHECK_FALSE(equal_in_constant_time(key.expose(), make("salt", "other").expose()));
  CHECK_FALSE(equal_in_constant_time(key.expose(), make("other", "info").expose()));
}
