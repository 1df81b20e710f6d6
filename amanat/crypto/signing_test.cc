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

Signer signer_of(std::string_view seed_hex) {
  auto seed = SigningSeed::from(hex(seed_hex));
  REQUIRE(seed.has_value());
  return Signer(std::move(*seed));
}

template <class IdType>
IdType id_of(ByteView bytes) {
  const auto id = IdType::from(bytes);
  REQUIRE(id.has_value());
  return *id;
}
}  // namespace

TEST_CASE("Ed25519 meets RFC 8032") {
  // §7.1, tests 1 to 3
  struct Case {
    std::string_view seed, public_key, message, signature;
  };
  const auto cases = std::to_array<Case>({
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
       "f9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
       "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
       "4dc6594a7c15e9716ed28dc027beceea1ec40a"},
  });
  for (const Case& c : cases) {
    const Signer signer = signer_of(c.seed);
    CHECK(signer.public_key().hex() == c.public_key);
    CHECK(signer.sign(hex(c.message)).hex() == c.signature);
    CHECK(verify(signer.public_key(), hex(c.message), id_of<Signature>(hex(c.signature))));
  }
}

TEST_CASE("every bent bit of a signature, a message or a key is noticed") {
  const Signer signer = Signer::random();
  const Bytes message(12, 0x33);
  const Signature signature = signer.sign(message);
  const auto bend = [](ByteView bytes, std::size_t bit) {
    Bytes bent(bytes.begin(), bytes.end());
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    return bent;
  };
  for (std::size_t bit = 0; bit < 512; ++bit) {
    const auto bent = id_of<Signature>(bend(signature.bytes(), bit));
    CHECK(verify(signer.public_key(), message, bent).error().code == Code::forged);
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    CHECK_FALSE(verify(signer.public_key(), bend(message, bit), signature).has_value());
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    const auto bent = id_of<PublicKey>(bend(signer.public_key().bytes(), bit));
    CHECK_FALSE(verify(bent, message, signature).has_value());
  }
}

TEST_CASE("a signature has one spelling: S must be below the group's order") {
  const Signer signer =
      signer_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const Signature signature = signer.sign({});
  Bytes bytes(signature.bytes().begin(), signature.bytes().end());
  // S + L, little-endian
  const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carried = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carried += bytes[32 + i] + order[i];
    bytes[32 + i] = static_cast<std::uint8_t>(carried);
    carried >>= 8;
  }
  CHECK_FALSE(verify(signer.public_key(), {}, id_of<Signature>(bytes)).has_value());
}

TEST_CASE("a key of small order verifies nothing") {
  // The neutral element as key and as R, with S = 0, fits any message under a lax rule.
  PublicKey neutral;
  neutral.fill()[0] = 1;
  Signature signature;
  signature.fill()[0] = 1;
  CHECK_FALSE(verify(neutral, as_bytes("anything"), signature).has_value());
}

TEST_CASE("a statement is its body with the signature after it") {
  const Signer signer = Signer::random();
  for (const std::string_view body : {"", "amanat/test/v1 body"}) {
    const Bytes statement = sign_statement(signer, as_bytes(body));
    CHECK(statement.size() == body.size() + 64);
    const auto opened = open_statement(signer.public_key(), statement);
    REQUIRE(opened.has_value());
    CHECK(as_text(*opened) == body);
    CHECK_FALSE(open_statement(Signer::random().public_key(), statement).has_value());
    CHECK_FALSE(open_statement(signer.public_key(), ByteView(statement).subspan(1)).has_value());
  }
  CHECK(open_statement(signer.public_key(), Bytes(63)).error().code == Code::forged);
}

TEST_CASE("a signer moves with its keys") {
  Signer signer = Signer::random();
  const PublicKey key = signer.public_key();
  const Signer moved = std::move(signer);
  CHECK(verify(key, as_bytes("m"), moved.sign(as_bytes("m"))));
  const Signer again(moved.seed().duplicate());
  CHECK(again.public_key() == key);
}
