#include "amanat/crypto/certificate.h"

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "amanat/crypto/crypto.h"

namespace amanat::crypto {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(unsigned char* memory) const { OPENSSL_free(memory); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::size_t kSubjectBytesMax = 1'024;

// What a scheme asks of the key and of the verifier.
struct Terms {
  const char* key;
  const EVP_MD* digest;
  bool pss;
};

Terms terms_of(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::rsa_pkcs1_sha256: return {"RSA", EVP_sha256(), false};
    case SignatureScheme::rsa_pkcs1_sha512: return {"RSA", EVP_sha512(), false};
    case SignatureScheme::rsa_pss_sha256: return {"RSA", EVP_sha256(), true};
    case SignatureScheme::rsa_pss_sha512: return {"RSA", EVP_sha512(), true};
    case SignatureScheme::ecdsa_sha256: return {"EC", EVP_sha256(), false};
    case SignatureScheme::ecdsa_sha512: return {"EC", EVP_sha512(), false};
    case SignatureScheme::dsa_sha256: break;
  }
  return {"DSA", EVP_sha256(), false};
}

Owned<EVP_PKEY> read_key(ByteView der) {
  if (der.size() > kCertificateBytesMax) return nullptr;
  const unsigned char* at = der.data();
  Owned<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr || at != der.data() + der.size()) return nullptr;
  return key;
}

bool holds(EVP_PKEY* key, const Terms& terms, ByteView message, ByteView signature) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &options, terms.digest, nullptr, key) != 1) return false;
  if (terms.pss
      && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1
          || EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size())
         == 1;
}

std::string subject_of(X509* certificate) {
  const Owned<BIO> text(BIO_new(BIO_s_mem()));
  if (X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  std::string subject(kSubjectBytesMax, '\0');
  const int size = BIO_read(text.get(), subject.data(), static_cast<int>(subject.size()));
  subject.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return subject;
}

}  // namespace

Result<Certificate> parse_certificate(ByteView der) {
  if (der.size() > kCertificateBytesMax) {
    return fail(Code::invalid_input, "a certificate is too long");
  }
  const unsigned char* at = der.data();
  const Owned<X509> parsed(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  unsigned char* key = nullptr;
  const int key_size =
      parsed == nullptr ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(parsed.get()), &key);
  const Owned<unsigned char> key_memory(key);
  ERR_clear_error();
  if (key_size <= 0 || at != der.data() + der.size()) {
    return fail(Code::invalid_input, "not a certificate");
  }
  Certificate certificate;
  certificate.der.assign(der.begin(), der.end());
  certificate.public_key.assign(key, key + key_size);
  Digest sha1(DigestKind::sha1);
  sha1.update(der);
  certificate.sha1 = *CertificateSha1::from(sha1.finish());
  certificate.sha256 = *CertificateSha256::from(crypto::sha256(der).bytes());
  certificate.subject = subject_of(parsed.get());
  ERR_clear_error();
  return certificate;
}

Result<> verify_signature(ByteView public_key, SignatureScheme scheme, ByteView message,
                          ByteView signature) {
  const Terms terms = terms_of(scheme);
  const Owned<EVP_PKEY> key = read_key(public_key);
  const bool fits = key != nullptr && EVP_PKEY_is_a(key.get(), terms.key) == 1;
  const bool held =
      fits && signature.size() <= kSignatureBytesMax && holds(key.get(), terms, message, signature);
  ERR_clear_error();
  if (!fits) return fail(Code::invalid_input, "the key does not fit the signature's algorithm");
  if (!held) return fail(Code::forged, "the signature does not hold");
  return {};
}

}  // namespace amanat::crypto
