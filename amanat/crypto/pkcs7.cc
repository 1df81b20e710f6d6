#include "amanat/crypto/pkcs7.h"

#include <memory>

#include <openssl/cms.h>
#include <openssl/err.h>

namespace amanat::crypto {
namespace {

struct Free {
  void operator()(CMS_ContentInfo* info) const { CMS_ContentInfo_free(info); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  // Only the list is ours; the certificates in it belong to the signature.
  void operator()(STACK_OF(X509) * signers) const { sk_X509_free(signers); }
  void operator()(unsigned char* memory) const { OPENSSL_free(memory); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr int kSignersMax = 64;

Result<std::vector<Certificate>> read_signers(CMS_ContentInfo* info) {
  const Owned<STACK_OF(X509)> signers(CMS_get0_signers(info));
  std::vector<Certificate> certificates;
  for (int i = 0; i < sk_X509_num(signers.get()); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(sk_X509_value(signers.get(), i), &der);
    const Owned<unsigned char> memory(der);
    if (size <= 0) return fail(Code::invalid_input, "a signer's certificate is unreadable");
    auto certificate = parse_certificate({der, static_cast<std::size_t>(size)});
    if (!certificate) return carry(certificate);
    certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

Result<std::vector<Certificate>> verify(ByteView pkcs7, ByteView content) {
  const unsigned char* at = pkcs7.data();
  const Owned<CMS_ContentInfo> info(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(pkcs7.size())));
  if (info == nullptr || OBJ_obj2nid(CMS_get0_type(info.get())) != NID_pkcs7_signed) {
    return fail(Code::invalid_input, "not a PKCS #7 signature");
  }
  const int signer_count = sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(info.get()));
  if (signer_count < 1 || signer_count > kSignersMax) {
    return fail(Code::invalid_input, "a PKCS #7 signature with no signer, or too many");
  }
  const Owned<BIO> signed_bytes(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  const unsigned int flags = CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY;
  if (CMS_verify(info.get(), nullptr, nullptr, signed_bytes.get(), nullptr, flags) != 1) {
    return fail(Code::forged, "a PKCS #7 signature does not hold");
  }
  return read_signers(info.get());
}

}  // namespace

Result<std::vector<Certificate>> verify_pkcs7(ByteView pkcs7, ByteView content) {
  if (pkcs7.size() > kPkcs7BytesMax || content.size() > INT32_MAX) {
    return fail(Code::invalid_input, "a PKCS #7 signature is too long");
  }
  auto certificates = verify(pkcs7, content);
  ERR_clear_error();
  return certificates;
}

}  // namespace amanat::crypto
