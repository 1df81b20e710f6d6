#pragma once

// Makes small packages (stored ZIP archives) and signs them in every scheme.

#include <map>
#include <string>
#include <vector>

#include "amanat/crypto/test_identity.h"
#include "amanat/program/apk_parts.h"
#include "amanat/program/apk_signature.h"
#include "amanat/program/test_bytes.h"

namespace amanat::program {

class TestApk {
 public:
  using Identity = crypto::TestIdentity;
  using Files = std::vector<std::pair<std::string, std::string>>;

  explicit TestApk(Files files = {{"classes.dex", "code"}, {"res/a.txt", "words"}})
      : files_(std::move(files)) {}

  /// What a v2 or v3 signer says besides the digests.
  struct Terms {
    std::uint32_t algorithm = 0x0103;
    std::uint32_t min_sdk = 24;
    std::uint32_t max_sdk = 0x7fffffff;
    Bytes attributes;
  };

  static Bytes attribute(std::uint32_t id, ByteView value) {
    return TestBytes().u32(4 + value.size()).u32(id).raw(value).bytes();
  }

  Files& files() { return files_; }
  std::map<std::uint32_t, Bytes>& blocks() { return blocks_; }

  /// The v1 signature, over the files there are by now.
  TestApk& sign_v1(const Identity& signer, const std::string& stem = "CERT",
                   const std::string& newer = {}) {
    if (stem == "CERT") {
      manifest_ = "Manifest-Version: 1.0\r\n\r\n";
      for (const auto& [name, content] : files_) {
        manifest_ += "Name: " + name + "\r\nSHA-256-Digest: " + digest(content) + "\r\n\r\n";
      }
      files_.emplace_back("META-INF/MANIFEST.MF", manifest_);
    }
    std::string statement =
        "Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: " + digest(manifest_) + "\r\n";
    if (!newer.empty()) statement += "X-Android-APK-Signed: " + newer + "\r\n";
    statement += "\r\n";
    for (const auto& [name, content] : files_) {
      if (name.starts_with("META-INF/")) continue;
      statement += "Name: " + name + "\r\nSHA-256-Digest: " + digest(section_of(name)) + "\r\n\r\n";
    }
    files_.emplace_back("META-INF/" + stem + ".SF", statement);
    const Bytes block = signer.sign_pkcs7(as_bytes(statement));
    files_.emplace_back("META-INF/" + stem + ".RSA", std::string(as_text(block)));
    return *this;
  }

  /// A signature of the block schemes, over the files there are by now.
  TestApk& sign(std::uint32_t id, const Identity& signer, const Terms& terms) {
    return sign(id, std::vector<std::pair<const Identity*, Terms>>{{&signer, terms}});
  }
  TestApk& sign(std::uint32_t id, const Identity& signer) { return sign(id, signer, Terms{}); }
  TestApk& sign(std::uint32_t id, const std::vector<std::pair<const Identity*, Terms>>& signers) {
    TestBytes list;
    for (const auto& [signer, terms] : signers) {
      list.sized(make_signer(id != kSchemeV2, *signer, terms));
    }
    blocks_[id] = TestBytes().sized(list.bytes()).bytes();
    return *this;
  }

  Bytes make() const {
    const Zip zip = make_zip();
    TestBytes pairs;
    for (const auto& [id, value] : blocks_) pairs.u64(4 + value.size()).u32(id).raw(value);
    TestBytes apk;
    apk.raw(zip.entries);
    if (!blocks_.empty()) {
      const std::size_t size = pairs.size() + 24;
      apk.u64(size).raw(pairs.bytes()).u64(size).text("APK Sig Block 42");
    }
    const std::size_t directory = apk.size();
    apk.raw(zip.directory);
    const std::size_t end = apk.size();
    return apk.raw(zip.end).put(end + 16, directory, 4).bytes();
  }

  ApkEntries entries() const {
    ApkEntries entries;
    for (const auto& [name, content] : files_) entries.names.push_back(name);
    entries.content = [files = files_](std::string_view wanted) -> Result<Bytes> {
      for (const auto& [name, content] : files) {
        if (name == wanted) return Bytes(content.begin(), content.end());
      }
      return fail(Code::not_found, "no such entry");
    };
    return entries;
  }

  Result<ApkSignatures> verify() const { return verify_apk(make(), entries()); }

 private:
  struct Zip {
    Bytes entries, directory, end;
  };

  Zip make_zip() const {
    TestBytes entries;
    TestBytes directory;
    for (const auto& [name, content] : files_) {
      const std::size_t at = entries.size();
      entries.u32(0x04034b50).u16(10).zeros(12).u32(content.size()).u32(content.size());
      entries.u16(name.size()).u16(0).text(name).text(content);
      directory.u32(0x02014b50).u16(10).u16(10).zeros(12).u32(content.size()).u32(content.size());
      directory.u16(name.size()).zeros(12).u32(at).text(name);
    }
    TestBytes end;
    end.u32(0x06054b50).u32(0).u16(files_.size()).u16(files_.size());
    end.u32(directory.size()).u32(entries.size()).u16(0);
    return {entries.bytes(), directory.bytes(), end.bytes()};
  }

  static std::string digest(std::string_view text) {
    return to_base64(crypto::sha256(as_bytes(text)).bytes());
  }
  std::string section_of(const std::string& name) const {
    const std::size_t begin = manifest_.find("Name: " + name + "\r\n");
    const std::size_t end = manifest_.find("\r\n\r\n", begin);
    return manifest_.substr(begin, end + 4 - begin);
  }

  static crypto::SignatureScheme scheme_of(std::uint32_t algorithm) {
    using enum crypto::SignatureScheme;
    switch (algorithm) {
      case 0x0101: return rsa_pss_sha256;
      case 0x0102: return rsa_pss_sha512;
      case 0x0104: return rsa_pkcs1_sha512;
      case 0x0201:
      case 0x0423: return ecdsa_sha256;
      case 0x0202: return ecdsa_sha512;
      case 0x0301:
      case 0x0425: return dsa_sha256;
      default: return rsa_pkcs1_sha256;
    }
  }

  Bytes content_digest(std::uint32_t algorithm) const {
    const Zip zip = make_zip();
    const ApkParts parts{zip.entries, zip.directory, zip.end, {}};
    if (algorithm >= 0x0421) return digest_as_tree(parts);
    const bool is_512 = algorithm == 0x0102 || algorithm == 0x0104 || algorithm == 0x0202;
    return digest_in_pieces(parts,
                            is_512 ? crypto::DigestKind::sha512 : crypto::DigestKind::sha256);
  }

  Bytes make_signer(bool has_versions, const Identity& signer, const Terms& terms) const {
    const crypto::Certificate certificate = signer.certificate();
    const Bytes digest = content_digest(terms.algorithm);
    TestBytes digests;
    digests.u32(8 + digest.size()).u32(terms.algorithm).sized(digest);
    TestBytes signed_data;
    signed_data.sized(digests.bytes()).sized(TestBytes().sized(certificate.der).bytes());
    if (has_versions) signed_data.u32(terms.min_sdk).u32(terms.max_sdk);
    signed_data.sized(terms.attributes);
    const Bytes signature = signer.sign(scheme_of(terms.algorithm), signed_data.bytes());
    TestBytes signatures;
    signatures.u32(8 + signature.size()).u32(terms.algorithm).sized(signature);
    TestBytes whole;
    whole.sized(signed_data.bytes());
    if (has_versions) whole.u32(terms.min_sdk).u32(terms.max_sdk);
    return whole.sized(signatures.bytes()).sized(certificate.public_key).bytes();
  }

  Files files_;
  std::string manifest_;
  std::map<std::uint32_t, Bytes> blocks_;
};

}  // namespace amanat::program
