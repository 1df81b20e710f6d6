#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/crypto/crypto.h"

using namespace amanat;
using namespace amanat::crypto;

namespace {
Bytes hex(std::string_view digits) {
  auto bytes = from_hex(digits);
  REQUIRE(bytes.has_value());
  return *bytes;
}

GcmNonce nonce_of(std::string_view digits) {
  GcmNonce nonce{};
  std::ranges::copy(hex(digits), nonce.begin());
  return nonce;
}
}  // namespace

TEST_CASE("AES-256-GCM meets the vectors of its specification") {
  // McGrew and Viega, The Galois/Counter Mode of Operation, test cases 13, 14 and 16.
  struct Case {
    std::string_view key, nonce, aad, plain, sealed;
  };
  const auto cases = std::to_array<Case>({
      {"0000000000000000000000000000000000000000000000000000000000000000",
       "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
      {"0000000000000000000000000000000000000000000000000000000000000000",
       "000000000000000000000000", "", "00000000000000000000000000000000",
       "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
      {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
       "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
       "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
       "a6b525b16aedf5aa0de657ba637b39",
       "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
       "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
  });
  for (const Case& c : cases) {
    Gcm gcm(hex(c.key));
    const Bytes plain = hex(c.plain);
    Bytes sealed(plain.size() + kTagSize);
    gcm.seal(nonce_of(c.nonce), hex(c.aad), plain, sealed);
    CHECK(to_hex(sealed) == c.sealed);
    Bytes opened(plain.size());
    CHECK(gcm.open(nonce_of(c.nonce), hex(c.aad), sealed, opened).has_value());
    CHECK(opened == plain);
  }
}

TEST_CASE("one GCM context seals and opens many messages in any order, in place") {
  Gcm gcm(Bytes(32, 9));
  Gcm second(Bytes(32, 9));
  for (std::uint8_t round = 0; round < 50; ++round) {
    GcmNonce nonce{};
    nonce[0] = round;
    const Bytes plain(std::size_t{round} * 7, round);
    Bytes memory = plain;
    memory.resize(plain.size() + kTagSize);
    gcm.seal(nonce, as_bytes("aad"), ByteView(memory).first(plain.size()), memory);
    Bytes apart(memory.size());
    second.seal(nonce, as_bytes("aad"), plain, apart);
    CHECK(memory == apart);
    CHECK(gcm.open(nonce, as_bytes("aad"), memory, ByteSpan(memory).first(plain.size())));
    CHECK(std::equal(plain.begin(), plain.end(), memory.begin()));
  }
}

TEST_CASE("GCM refuses every bent bit, another nonce, other data, and wipes what it decrypted") {
  Gcm gcm(Bytes(32, 9));
  const GcmNonce nonce{1};
  const Bytes plain(20, 0x55);
  Bytes sealed(plain.size() + kTagSize);
  gcm.seal(nonce, as_bytes("aad"), plain, sealed);
  Bytes out(plain.size(), 0xff);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes bent = sealed;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto opened = gcm.open(nonce, as_bytes("aad"), bent, out);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == Code::forged);
    CHECK(out == Bytes(plain.size(), 0));
  }
  CHECK_FALSE(gcm.open(GcmNonce{2}, as_bytes("aad"), sealed, out).has_value());
  CHECK_FALSE(gcm.open(nonce, as_bytes("aae"), sealed, out).has_value());
  CHECK_FALSE(Gcm(Bytes(32, 8)).open(nonce, as_bytes("aad"), sealed, out).has_value());
  CHECK(gcm.open(nonce, as_bytes("aad"), sealed, out).has_value());
  CHECK(gcm.open(nonce, {}, ByteView(sealed).first(15), {}).error().code == Code::forged);
}

TEST_CASE("XChaCha20-Poly1305 opens what the draft's example sealed") {
  // draft-irtf-cfrg-xchacha-03, appendix A.3.1
  const auto key =
      AeadKey::from(hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  REQUIRE(key.has_value());
  const Bytes sealed = hex(
      "404142434445464748494a4b4c4d4e4f5051525354555657"
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda"
      "7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b23835"
      "65d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
  const auto opened = xchacha_open(*key, hex("50515253c0c1c2c3c4c5c6c7"), sealed);
  REQUIRE(opened.has_value());
  CHECK(as_text(opened->expose())
        == "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
           "future, sunscreen would be it.");
}

TEST_CASE("XChaCha20-Poly1305 seals under a fresh nonce and refuses every bent bit") {
  const AeadKey key = random_key<AeadKey>();
  const Bytes plain(33, 3);
  const Bytes sealed = xchacha_seal(key, as_bytes("aad"), plain);
  CHECK(sealed.size() == plain.size() + kXchachaOverhead);
  CHECK(sealed != xchacha_seal(key, as_bytes("aad"), plain));
  const auto opened = xchacha_open(key, as_bytes("aad"), sealed);
  REQUIRE(opened.has_value());
  CHECK(equal_in_constant_time(opened->expose(), plain));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes bent = sealed;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK(xchacha_open(key, as_bytes("aad"), bent).error().code == Code::forged);
  }
  CHECK_FALSE(xchacha_open(key, {}, sealed).has_value());
  CHECK_FALSE(xchacha_open(random_key<AeadKey>(), as_bytes("aad"), sealed).has_value());
  CHECK(xchacha_open(key, {}, ByteView(sealed).first(39)).error().code == Code::forged);
  CHECK(xchacha_open(key, {}, xchacha_seal(key, {}, {}))->empty());
}

TEST_CASE("AES-128 encrypts each block alone") {
  // FIPS 197, appendix C.1
  AesBlocks aes(hex("000102030405060708090a0b0c0d0e0f"));
  for (const std::size_t count : {1U, 2U, 7U, 64U}) {
    Bytes blocks;
    for (std::size_t i = 0; i < count; ++i) append(blocks, hex("00112233445566778899aabbccddeeff"));
    aes.encrypt(blocks);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(to_hex(ByteView(blocks).subspan(i * 16, 16)) == "69c4e0d86a7b0430d8cdb78070b4c55a");
    }
  }
  aes.encrypt({});
}

TEST_CASE("random ids and keys do not repeat") {
  CHECK(random_id<Hash>() != random_id<Hash>());
  CHECK_FALSE(
      equal_in_constant_time(random_key<AeadKey>().expose(), random_key<AeadKey>().expose()));
}
