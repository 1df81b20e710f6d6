#pragma once

// Somebody in a test who signs programs: a fresh key, its self-signed certificate, and signatures
// in every scheme that `verify_signature` knows.

#include <memory>
#include <string>

#include <openssl/cms.h>
#include <openssl/dsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "amanat/crypto/certificate.h"

namespace amanat::crypto {

class TestIdentity {
 public:
  enum class Kind : std::uint8_t { rsa, ec, dsa };

  static TestIdentity make(Kind kind, const std::string& name) {
    TestIdentity identity;
    identity.key_.reset(make_key(kind), EVP_PKEY_free);
    identity.certificate_.reset(X509_new(), X509_free);
    X509* certificate = identity.certificate_.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3'600);
    X509_set_pubkey(certificate, identity.key_.get());
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    ensure(X509_sign(certificate, identity.key_.get(), EVP_sha256()) > 0, "a test can sign");
    return identity;
  }

  Certificate certificate() const {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate_.get(), &der);
    auto parsed = parse_certificate({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    ensure(parsed.has_value(), "a certificate just made is readable");
    return std::move(*parsed);
  }

  Bytes sign(SignatureScheme scheme, ByteView message) const {
    const bool is_512 = scheme == SignatureScheme::rsa_pkcs1_sha512
                        || scheme == SignatureScheme::rsa_pss_sha512
                        || scheme == SignatureScheme::ecdsa_sha512;
    const bool is_pss =
        scheme == SignatureScheme::rsa_pss_sha256 || scheme == SignatureScheme::rsa_pss_sha512;
    const std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestSignInit(context.get(), &options, is_512 ? EVP_sha512() : EVP_sha256(), nullptr,
                       key_.get());
    if (is_pss) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size());
    Bytes signature(size);
    ensure(
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1,
        "a test can sign");
    signature.resize(size);
    return signature;
  }

  /// A detached PKCS #7 signature over `content` with the certificate inside.
  Bytes sign_pkcs7(ByteView content) const {
    BIO* bytes = BIO_new_mem_buf(content.data(), static_cast<int>(content.size()));
    const unsigned int flags = CMS_DETACHED | CMS_BINARY | CMS_NOATTR;
    CMS_ContentInfo* info = CMS_sign(certificate_.get(), key_.get(), nullptr, bytes, flags);
    BIO_free(bytes);
    unsigned char* der = nullptr;
    const int size = i2d_CMS_ContentInfo(info, &der);
    Bytes signature(der, der + size);
    OPENSSL_free(der);
    CMS_ContentInfo_free(info);
    return signature;
  }

 private:
  TestIdentity() = default;

  static EVP_PKEY* make_key(Kind kind) {
    switch (kind) {
      case Kind::rsa: return EVP_RSA_gen(2'048);
      case Kind::ec: return EVP_EC_gen("P-256");
      case Kind::dsa: break;
    }
    return make_dsa_key();
  }

  static EVP_PKEY* make_dsa_key() {
    EVP_PKEY* parameters = nullptr;
    EVP_PKEY* key = nullptr;
    EVP_PKEY_CTX* maker = EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr);
    EVP_PKEY_paramgen_init(maker);
    EVP_PKEY_CTX_set_dsa_paramgen_bits(maker, 1'024);
    EVP_PKEY_paramgen(maker, &parameters);
    EVP_PKEY_CTX* generator = EVP_PKEY_CTX_new_from_pkey(nullptr, parameters, nullptr);
    EVP_PKEY_keygen_init(generator);
    EVP_PKEY_generate(generator, &key);
    EVP_PKEY_CTX_free(generator);
    EVP_PKEY_free(parameters);
    EVP_PKEY_CTX_free(maker);
    return key;
  }

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

}  // namespace amanat::crypto
