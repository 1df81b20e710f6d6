#include "amanat/crypto/pkcs7.h"

#include <array>
#include <memory>

#include <openssl/cms.h>
#include <openssl/err.h>

namespace amanat::crypto {
namespace {

struct Free {
  void operator()(CMS_ContentInfo* info) const { CMS_ContentInfo_free(info); }
  void operator()(BIO* chain) const { BIO_free_all(chain); }
  void operator()(unsigned char* memory) const { OPENSSL_free(memory); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr int kSignersMax = 16;

// The certificate of a signer, as the signature carries it.
Result<Certificate> read_signer(CMS_SignerInfo* signer) {
  X509* found = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, &found, nullptr, nullptr);
  if (found == nullptr) return fail(Code::invalid_input, "a signer's certificate is missing");
  unsigned char* der = nullptr;
  const int size = i2d_X509(found, &der);
  const Owned<unsigned char> memory(der);
  if (size <= 0) return fail(Code::invalid_input, "a signer's certificate is unreadable");
  return parse_certificate({der, static_cast<std::size_t>(size)});
}

// An attribute that must be there exactly once (RFC 5652 §11), or nullptr.
const void* find_attribute(CMS_SignerInfo* signer, int name, int type) {
  constexpr int kOnlyOneWithOneValue = -3;
  return CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(name), kOnlyOneWithOneValue, type);
}

// What a signer's attributes must have where there are any: then they are what is signed, and the
// digest in them is what binds the content.
bool has_attributes_whole(CMS_SignerInfo* signer) {
  return CMS_signed_get_attr_count(signer) <= 0
         || (find_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT) != nullptr
             && find_attribute(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING) != nullptr);
}

bool holds(CMS_ContentInfo* info, CMS_SignerInfo* signer, BIO* digested) {
  if (CMS_signed_get_attr_count(signer) > 0) {
    const void* type = find_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
    if (OBJ_cmp(static_cast<const ASN1_OBJECT*>(type), CMS_get0_eContentType(info)) != 0
        || CMS_SignerInfo_verify(signer) != 1) {
      return false;
    }
  }
  return CMS_SignerInfo_verify_content(signer, digested) == 1;
}

// Sends the content through the digests of all signers.
Owned<BIO> digest_content(CMS_ContentInfo* info, BIO* content) {
  BIO* digests = CMS_dataInit(info, content);
  if (digests == nullptr) return nullptr;
  std::array<char, 4'096> buffer{};
  while (BIO_read(digests, buffer.data(), static_cast<int>(buffer.size())) > 0) {
  }
  // The content's own reader is at the end of the chain, and somebody else's.
  for (BIO* next = digests; next != nullptr && next != content;) {
    BIO* after = BIO_next(next);
    if (after == content) BIO_pop(content);
    next = after;
  }
  return Owned<BIO>(digests);
}

Result<std::vector<Certificate>> verify(ByteView pkcs7, ByteView content) {
  const unsigned char* at = pkcs7.data();
  const Owned<CMS_ContentInfo> info(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(pkcs7.size())));
  if (info == nullptr || OBJ_obj2nid(CMS_get0_type(info.get())) != NID_pkcs7_signed) {
    return fail(Code::invalid_input, "not a PKCS #7 signature");
  }
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(info.get());
  const int signer_count = sk_CMS_SignerInfo_num(signers);
  if (signer_count < 1 || signer_count > kSignersMax) {
    return fail(Code::invalid_input, "a PKCS #7 signature with no signer, or too many");
  }
  // A view of nothing may have no address, which OpenSSL would take for no content at all.
  const Owned<BIO> signed_bytes(BIO_new_mem_buf(content.empty() ? "" : as_text(content).data(),
                                                static_cast<int>(content.size())));
  CMS_set1_signers_certs(info.get(), nullptr, 0);
  const Owned<BIO> digested = digest_content(info.get(), signed_bytes.get());
  std::vector<Certificate> certificates;
  for (int i = 0; digested != nullptr && i < signer_count; ++i) {
    CMS_SignerInfo* signer = sk_CMS_SignerInfo_value(signers, i);
    auto certificate = read_signer(signer);
    if (!certificate) return carry(certificate);
    if (!has_attributes_whole(signer)) {
      return fail(Code::invalid_input, "a signer's attributes are broken");
    }
    if (holds(info.get(), signer, digested.get())) certificates.push_back(std::move(*certificate));
  }
  if (certificates.empty()) return fail(Code::forged, "a PKCS #7 signature does not hold");
  return certificates;
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
