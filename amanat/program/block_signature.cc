#include "amanat/program/block_signature.h"

#include <algorithm>
#include <array>

#include "amanat/program/fields.h"

namespace amanat::program {
namespace {

using crypto::SignatureScheme;

enum class ContentDigest : std::uint8_t { sha256, sha512, tree };

struct Algorithm {
  std::uint32_t id;
  SignatureScheme scheme;
  ContentDigest digest;
};
constexpr auto kAlgorithms = std::to_array<Algorithm>({
    {0x0101, SignatureScheme::rsa_pss_sha256, ContentDigest::sha256},
    {0x0102, SignatureScheme::rsa_pss_sha512, ContentDigest::sha512},
    {0x0103, SignatureScheme::rsa_pkcs1_sha256, ContentDigest::sha256},
    {0x0104, SignatureScheme::rsa_pkcs1_sha512, ContentDigest::sha512},
    {0x0201, SignatureScheme::ecdsa_sha256, ContentDigest::sha256},
    {0x0202, SignatureScheme::ecdsa_sha512, ContentDigest::sha512},
    {0x0301, SignatureScheme::dsa_sha256, ContentDigest::sha256},
    {0x0421, SignatureScheme::rsa_pkcs1_sha256, ContentDigest::tree},
    {0x0423, SignatureScheme::ecdsa_sha256, ContentDigest::tree},
    {0x0425, SignatureScheme::dsa_sha256, ContentDigest::tree},
});

// Attributes inside the signed data.
constexpr std::uint32_t kNewerScheme = 0xbeeff00d;     // v2: the scheme that is also there
constexpr std::uint32_t kLineage = 0x3ba06f8c;         // v3: proof of rotation
constexpr std::uint32_t kRotationMinSdk = 0x559f8b02;  // v3: v3.1 is there from this version on

const Algorithm* find_algorithm(std::uint32_t id) {
  const auto found = std::ranges::find(kAlgorithms, id, &Algorithm::id);
  return found == kAlgorithms.end() ? nullptr : &*found;
}

// Reads numbers and sequences with their size in front. After the first thing that does not fit,
// everything else is empty.
class Reader {
 public:
  explicit Reader(ByteView bytes) : fields_(bytes) {}

  std::uint32_t u32() {
    const std::uint32_t value = fields_.u32(at_);
    at_ += 4;
    return value;
  }
  ByteView sequence() {
    const std::uint32_t size = u32();
    const ByteView bytes = fields_.bytes(at_, size);
    at_ += size;
    return bytes;
  }
  ByteView rest() {
    const std::uint64_t left = fields_.size() - std::min<std::uint64_t>(at_, fields_.size());
    return fields_.bytes(at_, left);
  }
  bool has_more() const { return !fields_.failed() && at_ < fields_.size(); }
  bool failed() const { return fields_.failed(); }

 private:
  Fields fields_;
  std::uint64_t at_ = 0;
};

// One element of a list of digests or signatures: what it was made with, and its bytes.
struct Item {
  std::uint32_t algorithm = 0;
  ByteView bytes;
};

Result<std::vector<Item>> read_items(ByteView list) {
  std::vector<Item> items;
  Reader reader(list);
  while (reader.has_more()) {
    Reader item(reader.sequence());
    const std::uint32_t algorithm = item.u32();
    items.push_back({algorithm, item.sequence()});
    if (item.failed() || items.size() > kApkAlgorithmsMax) {
      return fail(Code::invalid_input, "a list of digests or signatures is broken");
    }
  }
  if (reader.failed()) return fail(Code::invalid_input, "a list of digests or signatures is cut");
  return items;
}

Result<std::vector<crypto::Certificate>> read_certificates(ByteView list) {
  std::vector<crypto::Certificate> certificates;
  Reader reader(list);
  while (reader.has_more()) {
    auto certificate = crypto::parse_certificate(reader.sequence());
    if (!certificate) return carry(certificate);
    if (certificates.size() == kApkCertificatesMax) {
      return fail(Code::invalid_input, "too many certificates");
    }
    certificates.push_back(std::move(*certificate));
  }
  if (reader.failed() || certificates.empty()) {
    return fail(Code::invalid_input, "a signer has no certificate");
  }
  return certificates;
}

// Every older key signs the next one; the last is the signer's own.
//
//   lineage   u32 version, nodes of { { certificate, u32 the algorithm the node before signed it
//             with }, u32 flags, u32 algorithm it signs the next node with, signature over this }
Result<std::vector<crypto::Certificate>> verify_lineage(ByteView lineage,
                                                        const crypto::Certificate& own) {
  std::vector<crypto::Certificate> certificates;
  Reader reader(lineage);
  reader.u32();  // the version: only 1 has ever been
  std::uint32_t algorithm = 0;
  while (reader.has_more()) {
    Reader node(reader.sequence());
    const ByteView signed_data = node.sequence();
    node.u32();
    const std::uint32_t next_algorithm = node.u32();
    const ByteView signature = node.sequence();
    Reader inner(signed_data);
    const ByteView der = inner.sequence();
    const std::uint32_t signed_with = inner.u32();
    if (node.failed() || inner.failed() || certificates.size() == kLineageMax) {
      return fail(Code::invalid_input, "the chain of older keys is broken");
    }
    if (!certificates.empty()) {
      const Algorithm* known = find_algorithm(algorithm);
      if (known == nullptr || signed_with != algorithm) {
        return fail(Code::invalid_input, "the chain of older keys has an unknown algorithm");
      }
      const auto held = crypto::verify_signature(certificates.back().public_key, known->scheme,
                                                 signed_data, signature);
      if (!held) return carry(held, "the chain of older keys");
    }
    auto certificate = crypto::parse_certificate(der);
    if (!certificate) return carry(certificate, "the chain of older keys");
    certificates.push_back(std::move(*certificate));
    algorithm = next_algorithm;
  }
  if (reader.failed() || certificates.empty() || certificates.back().sha256 != own.sha256) {
    return fail(Code::invalid_input, "the chain of older keys does not end in the signer's");
  }
  return certificates;
}

class SignerVerifier {
 public:
  SignerVerifier(ApkScheme scheme, const ApkParts& parts, ContentDigests& digests)
      : scheme_(scheme), parts_(parts), digests_(digests) {}

  // Fills `signer` as far as it gets, so that a signature that does not hold still says who it
  // claims to be from.
  Result<> verify(ByteView bytes, ApkSigner& signer) {
    const bool has_versions = scheme_ != ApkScheme::v2;
    Reader reader(bytes);
    const ByteView signed_data = reader.sequence();
    const std::uint32_t min_sdk = has_versions ? reader.u32() : 0;
    const std::uint32_t max_sdk = has_versions ? reader.u32() : 0;
    const ByteView signature_list = reader.sequence();
    const ByteView public_key = reader.sequence();

    Reader inner(signed_data);
    const ByteView digest_list = inner.sequence();
    const ByteView certificate_list = inner.sequence();
    if (has_versions) {
      signer.min_sdk = inner.u32();
      signer.max_sdk = inner.u32();
    }
    const ByteView attributes = inner.has_more() ? inner.sequence() : ByteView{};
    if (reader.failed() || inner.failed()) return fail(Code::invalid_input, "a signer is cut");

    auto certificates = read_certificates(certificate_list);
    if (!certificates) return carry(certificates);
    signer.certificates = std::move(*certificates);
    const crypto::Certificate& own = signer.certificates.front();
    if (!std::ranges::equal(own.public_key, public_key)) {
      return fail(Code::invalid_input, "a signer's key is not the one in its certificate");
    }
    if (has_versions
        && (min_sdk != signer.min_sdk || max_sdk != signer.max_sdk || min_sdk > max_sdk)) {
      return fail(Code::invalid_input, "a signer's Android versions do not agree");
    }
    const auto signatures = read_items(signature_list);
    if (!signatures) return carry(signatures);
    if (auto done = verify_signatures(*signatures, public_key, signed_data); !done) {
      return carry(done);
    }
    if (auto done = verify_digests(*signatures, digest_list); !done) return carry(done);
    return read_attributes(attributes, signer);
  }

 private:
  static Result<> verify_signatures(const std::vector<Item>& signatures, ByteView public_key,
                                    ByteView signed_data) {
    std::size_t known_count = 0;
    for (const Item& signature : signatures) {
      const Algorithm* known = find_algorithm(signature.algorithm);
      if (known == nullptr) continue;
      ++known_count;
      const auto held =
          crypto::verify_signature(public_key, known->scheme, signed_data, signature.bytes);
      if (!held) return carry(held);
    }
    if (known_count == 0) return fail(Code::invalid_input, "no signature of a known algorithm");
    return {};
  }

  Result<> verify_digests(const std::vector<Item>& signatures, ByteView digest_list) {
    const auto stated = read_items(digest_list);
    if (!stated) return carry(stated);
    if (!std::ranges::equal(*stated, signatures, {}, &Item::algorithm, &Item::algorithm)) {
      return fail(Code::invalid_input, "digests and signatures are of different algorithms");
    }
    for (const Item& digest : *stated) {
      const auto actual = digests_.find(digest.algorithm);
      if (actual && !std::ranges::equal(*actual, digest.bytes)) {
        return fail(Code::forged, "the package was changed after it was signed");
      }
    }
    return {};
  }

  Result<> read_attributes(ByteView attributes, ApkSigner& signer) {
    Reader reader(attributes);
    while (reader.has_more()) {
      Reader attribute(reader.sequence());
      const std::uint32_t id = attribute.u32();
      if (attribute.failed()) break;
      if (scheme_ == ApkScheme::v2 && id == kNewerScheme) {
        if (attribute.u32() == 3 && !parts_.find(kSchemeV3)) {
          return fail(Code::forged, "a newer signature was removed");
        }
      } else if (scheme_ == ApkScheme::v3 && id == kRotationMinSdk) {
        if (!parts_.find(kSchemeV31)) return fail(Code::forged, "a newer signature was removed");
      } else if (scheme_ != ApkScheme::v2 && id == kLineage) {
        // Verified once: a repetition is there to keep the verifier busy.
        if (!signer.lineage.empty()) {
          return fail(Code::invalid_input, "two chains of older keys");
        }
        auto lineage = verify_lineage(attribute.rest(), signer.certificates.front());
        if (!lineage) return carry(lineage);
        signer.lineage = std::move(*lineage);
      }
    }
    if (reader.failed()) return fail(Code::invalid_input, "a signer's attributes are cut");
    return {};
  }

  ApkScheme scheme_;
  const ApkParts& parts_;
  ContentDigests& digests_;
};

// Each Android version must have one signer: ranges may not overlap, and two may not claim all.
bool ranges_overlap(const std::vector<ApkSigner>& signers) {
  for (std::size_t i = 0; i < signers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (signers[i].min_sdk <= signers[j].max_sdk && signers[j].min_sdk <= signers[i].max_sdk) {
        return true;
      }
    }
  }
  return false;
}

Result<> verify_signers(ApkSignature& signature, ByteView block, SignerVerifier verifier) {
  Reader outer(block);
  Reader signers(outer.sequence());
  if (outer.failed()) return fail(Code::invalid_input, "the list of signers is cut");
  while (signers.has_more()) {
    const ByteView bytes = signers.sequence();
    if (signers.failed()) break;
    if (signature.signers.size() == kApkSignersMax) {
      return fail(Code::invalid_input, "too many signers");
    }
    if (auto done = verifier.verify(bytes, signature.signers.emplace_back()); !done) {
      return carry(done);
    }
  }
  if (signers.failed()) return fail(Code::invalid_input, "the list of signers is cut");
  if (signature.signers.empty()) return fail(Code::invalid_input, "nobody signed");
  if (signature.scheme != ApkScheme::v2 && ranges_overlap(signature.signers)) {
    return fail(Code::invalid_input, "two signers for one Android version");
  }
  return {};
}

}  // namespace

std::optional<Bytes> ContentDigests::find(std::uint32_t algorithm) {
  const Algorithm* known = find_algorithm(algorithm);
  if (known == nullptr) return std::nullopt;
  switch (known->digest) {
    case ContentDigest::sha256:
      if (!sha256_) sha256_ = digest_in_pieces(parts_, crypto::DigestKind::sha256);
      return sha256_;
    case ContentDigest::sha512:
      if (!sha512_) sha512_ = digest_in_pieces(parts_, crypto::DigestKind::sha512);
      return sha512_;
    case ContentDigest::tree: break;
  }
  if (!tree_) tree_ = digest_as_tree(parts_);
  return tree_;
}

ApkSignature verify_block(ApkScheme scheme, ByteView block, const ApkParts& parts,
                          ContentDigests& digests) {
  ApkSignature signature;
  signature.scheme = scheme;
  const auto done = verify_signers(signature, block, SignerVerifier(scheme, parts, digests));
  signature.verified = done.has_value();
  if (!done) signature.problem = done.error().message;
  return signature;
}

}  // namespace amanat::program
