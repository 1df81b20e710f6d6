#include <doctest/doctest.h>

#include "amanat/crypto/crypto.h"
#include "amanat/crypto/hpke_internal.h"

using namespace amanat;
using namespace amanat::crypto;

namespace {

Bytes hex(std::string_view digits) {
  auto bytes = from_hex(digits);
  REQUIRE(bytes.has_value());
  return *bytes;
}

BoxKeyPair pair_of(std::string_view public_hex, std::string_view private_hex) {
  auto public_key = BoxPublicKey::from_hex(public_hex);
  auto private_key = BoxPrivateKey::from(hex(private_hex));
  REQUIRE(public_key.has_value());
  REQUIRE(private_key.has_value());
  return {.public_key = *public_key, .private_key = std::move(*private_key)};
}

// RFC 9180 A.1.1: keys, info, aad and plaintext. The RFC prints this KEM with AES-128 only; the
// ciphertext for AES-256 was made from the same keys with @hpke/core 1.9.0, another implementation.
struct Example {
  BoxKeyPair ephemeral =
      pair_of("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
              "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736");
  BoxKeyPair recipient =
      pair_of("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
              "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
  Bytes info = hex("4f6465206f6e2061204772656369616e2055726e");
  Bytes aad = hex("436f756e742d30");
  Bytes plain = hex("4265617574792069732074727574682c20747275746820626561757479");
  Bytes sealed = hex(
      "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
      "090b7dc225419f7da9e8b460becfbb96a26c7964d79b8010d397fa838530a32a397b14f5776db19ff5e57734e0");
};

}  // namespace

TEST_CASE("HPKE seals and opens as another implementation does") {
  const Example e;
  CHECK(hpke_seal_with(e.ephemeral, e.recipient.public_key, e.info, e.aad, e.plain) == e.sealed);
  const auto opened =
      hpke_open(e.recipient.private_key, e.recipient.public_key, e.info, e.aad, e.sealed);
  REQUIRE(opened.has_value());
  CHECK(equal_in_constant_time(opened->expose(), e.plain));
}

TEST_CASE("HPKE seals under a fresh key each time, for one recipient alone") {
  const BoxKeyPair recipient = BoxKeyPair::random();
  const BoxKeyPair other = BoxKeyPair::random();
  const Bytes plain(32, 7);
  const Bytes sealed = hpke_seal(recipient.public_key, as_bytes("info"), {}, plain);
  CHECK(sealed.size() == plain.size() + kHpkeOverhead);
  CHECK(sealed != hpke_seal(recipient.public_key, as_bytes("info"), {}, plain));
  const auto opened =
      hpke_open(recipient.private_key, recipient.public_key, as_bytes("info"), {}, sealed);
  REQUIRE(opened.has_value());
  CHECK(equal_in_constant_time(opened->expose(), plain));
  CHECK_FALSE(hpke_open(other.private_key, other.public_key, as_bytes("info"), {}, sealed));
  CHECK_FALSE(hpke_open(recipient.private_key, other.public_key, as_bytes("info"), {}, sealed));
  CHECK_FALSE(hpke_open(recipient.private_key, recipient.public_key, as_bytes("else"), {}, sealed));
  CHECK_FALSE(hpke_open(recipient.private_key, recipient.public_key, as_bytes("info"),
                        as_bytes("aad"), sealed));
}

TEST_CASE("HPKE refuses every bent bit of what was sealed, and what is too short") {
  const Example e;
  for (std::size_t bit = 0; bit < e.sealed.size() * 8; ++bit) {
    Bytes bent = e.sealed;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto opened =
        hpke_open(e.recipient.private_key, e.recipient.public_key, e.info, e.aad, bent);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == Code::forged);
  }
  CHECK(hpke_open(e.recipient.private_key, e.recipient.public_key, e.info, e.aad,
                  ByteView(e.sealed).first(kHpkeOverhead - 1))
            .error()
            .code
        == Code::forged);
}

TEST_CASE("a key of small order receives nothing and sends nothing") {
  const BoxPublicKey zero;
  const BoxKeyPair recipient = BoxKeyPair::random();
  const Bytes sealed = hpke_seal(zero, {}, {}, Bytes(32, 7));
  CHECK(sealed.size() == 32 + kHpkeOverhead);
  CHECK_FALSE(hpke_open(recipient.private_key, zero, {}, {}, sealed).has_value());
  const Bytes from_zero(32 + kHpkeOverhead, 0);
  CHECK(hpke_open(recipient.private_key, recipient.public_key, {}, {}, from_zero).error().code
        == Code::forged);
}
