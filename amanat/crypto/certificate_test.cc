#include "amanat/crypto/certificate.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/crypto/crypto.h"
#include "amanat/crypto/pkcs7.h"
#include "amanat/crypto/test_identity.h"

namespace amanat::crypto {
namespace {

const ByteView kMessage = as_bytes("what was signed");

TEST_CASE("a certificate goes by the digests of its bytes") {
  const Certificate made = TestIdentity::make(TestIdentity::Kind::ec, "Signer").certificate();
  const auto read = parse_certificate(made.der);
  REQUIRE(read);
  CHECK(read->der == made.der);
  CHECK(read->sha256.bytes().size() == 32);
  CHECK(read->sha256.hex() == sha256(made.der).hex());
  Digest sha1(DigestKind::sha1);
  sha1.update(made.der);
  CHECK(read->sha1.hex() == to_hex(sha1.finish()));
  CHECK(read->subject == "CN=Signer");
}

TEST_CASE("a certificate with anything after it, or cut anywhere, is none") {
  Bytes der = TestIdentity::make(TestIdentity::Kind::ec, "Signer").certificate().der;
  for (std::size_t size = 0; size < der.size(); size += 7) {
    CAPTURE(size);
    CHECK_FALSE(parse_certificate(ByteView(der).first(size)));
  }
  der.push_back(0);
  CHECK_FALSE(parse_certificate(der));
  CHECK_FALSE(parse_certificate(Bytes(kCertificateBytesMax + 1)));
}

TEST_CASE("a signature holds under its own key, scheme and message, and under no other") {
  using Kind = TestIdentity::Kind;
  struct Case {
    SignatureScheme scheme;
    Kind kind;
    SignatureScheme other;
  };
  const auto cases = std::to_array<Case>({
      {SignatureScheme::rsa_pkcs1_sha256, Kind::rsa, SignatureScheme::rsa_pss_sha256},
      {SignatureScheme::rsa_pkcs1_sha512, Kind::rsa, SignatureScheme::rsa_pkcs1_sha256},
      {SignatureScheme::rsa_pss_sha256, Kind::rsa, SignatureScheme::rsa_pkcs1_sha256},
      {SignatureScheme::rsa_pss_sha512, Kind::rsa, SignatureScheme::rsa_pss_sha256},
      {SignatureScheme::ecdsa_sha256, Kind::ec, SignatureScheme::ecdsa_sha512},
      {SignatureScheme::ecdsa_sha512, Kind::ec, SignatureScheme::ecdsa_sha256},
      {SignatureScheme::dsa_sha256, Kind::dsa, SignatureScheme::rsa_pkcs1_sha256},
  });
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.scheme));
    const TestIdentity signer = TestIdentity::make(c.kind, "Signer");
    const TestIdentity stranger = TestIdentity::make(c.kind, "Signer");
    const Bytes key = signer.certificate().public_key;
    Bytes signature = signer.sign(c.scheme, kMessage);
    CHECK(verify_signature(key, c.scheme, kMessage, signature));
    CHECK_FALSE(verify_signature(key, c.other, kMessage, signature));
    CHECK_FALSE(verify_signature(key, c.scheme, as_bytes("another"), signature));
    const auto by_stranger =
        verify_signature(stranger.certificate().public_key, c.scheme, kMessage, signature);
    CHECK(by_stranger.error().code == Code::forged);
    signature.back() ^= 1;
    CHECK_FALSE(verify_signature(key, c.scheme, kMessage, signature));
    CHECK_FALSE(verify_signature(key, c.scheme, kMessage, {}));
  }
}

TEST_CASE("a key of another kind than the scheme's is said to be that, not a forgery") {
  const Bytes key = TestIdentity::make(TestIdentity::Kind::ec, "Signer").certificate().public_key;
  const auto verdict = verify_signature(key, SignatureScheme::rsa_pkcs1_sha256, kMessage, kMessage);
  CHECK(verdict.error().code == Code::invalid_input);
  CHECK_FALSE(verify_signature({}, SignatureScheme::ecdsa_sha256, kMessage, kMessage));
}

TEST_CASE("a PKCS #7 signature names its signer and holds for its content alone") {
  const TestIdentity signer = TestIdentity::make(TestIdentity::Kind::rsa, "Signer");
  const Bytes signature = signer.sign_pkcs7(kMessage);
  const auto signers = verify_pkcs7(signature, kMessage);
  REQUIRE(signers);
  REQUIRE(signers->size() == 1);
  CHECK(signers->front().sha256 == signer.certificate().sha256);
  CHECK(verify_pkcs7(signature, as_bytes("another")).error().code == Code::forged);
  CHECK(verify_pkcs7(signature, {}).error().code == Code::forged);
  CHECK(verify_pkcs7({}, kMessage).error().code == Code::invalid_input);
  CHECK(verify_pkcs7(signer.certificate().der, kMessage).error().code == Code::invalid_input);
}

TEST_CASE("SHA-384 and SHA-512 give the digests of FIPS 180's example") {
  Digest sha384(DigestKind::sha384);
  sha384.update(as_bytes("abc"));
  CHECK(to_hex(sha384.finish()).starts_with("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"));
  Digest sha512(DigestKind::sha512);
  sha512.update(as_bytes("abc"));
  CHECK(to_hex(sha512.finish()).starts_with("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"));
}

}  // namespace
}  // namespace amanat::crypto
