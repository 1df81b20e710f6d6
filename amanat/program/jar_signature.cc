#include "amanat/program/jar_signature.h"

#include <algorithm>
#include <array>
#include <set>

#include "amanat/crypto/pkcs7.h"
#include "amanat/program/jar_manifest.h"

namespace amanat::program {
namespace {

constexpr std::string_view kFolder = "META-INF/";
constexpr std::string_view kManifestName = "META-INF/MANIFEST.MF";
constexpr auto kBlockEndings = std::to_array<std::string_view>({".RSA", ".DSA", ".EC"});

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

// Whether a name lies in META-INF itself, and is one that a signature is made of.
bool is_signature_block(std::string_view name) {
  const std::string upper = upper_case(name);
  return upper.starts_with(kFolder) && upper.find('/', kFolder.size()) == std::string::npos
         && std::ranges::any_of(kBlockEndings,
                                [&](std::string_view ending) { return upper.ends_with(ending); });
}

bool is_part_of_signature(std::string_view name) {
  const std::string upper = upper_case(name);
  return upper == kManifestName || is_signature_block(name)
         || (upper.starts_with(kFolder) && upper.find('/', kFolder.size()) == std::string::npos
             && (upper.ends_with(".SF") || upper.starts_with("META-INF/SIG-")));
}

// "META-INF/CERT.SF" of "META-INF/CERT.RSA".
std::string signature_file_of(std::string_view block) {
  return std::string(block.substr(0, block.rfind('.'))) + ".SF";
}

// "2, 3": whether the signer said that the newer scheme is there as well.
bool names_scheme(std::string_view list, char scheme) {
  for (std::size_t at = 0; at < list.size(); ++at) {
    const bool alone = (at == 0 || list[at - 1] == ',' || list[at - 1] == ' ')
                       && (at + 1 == list.size() || list[at + 1] == ',' || list[at + 1] == ' ');
    if (list[at] == scheme && alone) return true;
  }
  return false;
}

class JarVerifier {
 public:
  JarVerifier(const ApkEntries& entries, const ApkParts& parts)
      : entries_(entries), parts_(parts) {}

  Result<> verify(ApkSignature& signature, const std::vector<std::string>& blocks,
                  bool compare_entries) {
    if (blocks.size() > kApkSignersMax) return fail(Code::invalid_input, "too many signers");
    if (auto done = list_entries(); !done) return carry(done);
    const auto manifest_file = read(kManifestName);
    if (!manifest_file) return carry(manifest_file);
    const auto manifest = read_jar_manifest(*manifest_file);
    if (!manifest) return carry(manifest, "the manifest");
    for (const std::string& block : blocks) {
      auto& signer = signature.signers.emplace_back();
      if (auto done = verify_signer(block, *manifest_file, *manifest, signer); !done) {
        return carry(done);
      }
    }
    return verify_entries(*manifest, compare_entries);
  }

 private:
  Result<> list_entries() {
    if (entries_.names.size() > kJarEntriesMax)
      return fail(Code::invalid_input, "too many entries");
    for (const std::string& name : entries_.names) {
      if (!name.empty() && !names_.insert(name).second) {
        return fail(Code::invalid_input, "two entries of one name");
      }
    }
    return {};
  }

  Result<Bytes> read(std::string_view name) const {
    if (!names_.contains(name))
      return fail(Code::invalid_input, "a part of the signature is missing");
    auto content = entries_.content(name);
    if (!content) return carry(content, "reading an entry");
    return content;
  }

  Result<> verify_signer(const std::string& block, ByteView manifest_file,
                         const JarManifest& manifest, ApkSigner& signer) const {
    const auto block_bytes = read(block);
    if (!block_bytes) return carry(block_bytes);
    const auto file = read(signature_file_of(block));
    if (!file) return carry(file);
    auto certificates = crypto::verify_pkcs7(*block_bytes, *file);
    if (!certificates) return carry(certificates);
    signer.certificates = std::move(*certificates);

    const auto statement = read_jar_manifest(*file);
    if (!statement) return carry(statement, "a signature file");
    if (auto done = check_newer(*statement); !done) return carry(done);
    return check_manifest(*statement, manifest_file, manifest);
  }

  Result<> check_newer(const JarManifest& statement) const {
    const std::string_view newer = statement.main.value("X-Android-APK-Signed");
    if ((names_scheme(newer, '2') && !parts_.find(kSchemeV2))
        || (names_scheme(newer, '3') && !parts_.find(kSchemeV3))) {
      return fail(Code::forged, "a newer signature was removed");
    }
    return {};
  }

  // The whole manifest as it was signed, or at least every section of it.
  static Result<> check_manifest(const JarManifest& statement, ByteView manifest_file,
                                 const JarManifest& manifest) {
    const auto whole = digest_matches(statement.main, "-Digest-Manifest", manifest_file);
    for (const auto& [name, section] : manifest.entries) {
      const auto stated = statement.entries.find(name);
      if (stated == statement.entries.end()) {
        return fail(Code::invalid_input, "a signer does not cover an entry");
      }
      if (whole == true) continue;
      if (digest_matches(stated->second, "-Digest", section.bytes) != true) {
        return fail(Code::forged, "the manifest was changed after it was signed");
      }
    }
    if (!manifest.entries.empty()) return {};
    return fail(Code::invalid_input, "no entries are signed");
  }

  Result<> verify_entries(const JarManifest& manifest, bool compare) const {
    for (const std::string& name : names_) {
      if (name.ends_with('/') || is_part_of_signature(name)) continue;
      const auto section = manifest.entries.find(name);
      if (section == manifest.entries.end()) {
        return fail(Code::invalid_input, "an entry is not signed");
      }
      if (!compare) continue;
      const auto content = entries_.content(name);
      if (!content) return carry(content, "reading an entry");
      const auto matches = digest_matches(section->second, "-Digest", *content);
      if (!matches) return fail(Code::invalid_input, "an entry has no digest of a known kind");
      if (!*matches) return fail(Code::forged, "an entry was changed after it was signed");
    }
    for (const auto& [name, section] : manifest.entries) {
      if (!names_.contains(name)) return fail(Code::invalid_input, "a signed entry is missing");
    }
    return {};
  }

  const ApkEntries& entries_;
  const ApkParts& parts_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace

std::optional<ApkSignature> verify_jar(const ApkEntries& entries, const ApkParts& parts,
                                       bool compare_entries) {
  // A block without the file that it signs is passed over, as Android does.
  const std::set<std::string_view> names(entries.names.begin(), entries.names.end());
  std::vector<std::string> blocks;
  for (const std::string& name : entries.names) {
    if (is_signature_block(name) && names.contains(signature_file_of(name))) {
      blocks.push_back(name);
    }
  }
  if (blocks.empty() || !entries.content) return std::nullopt;
  ApkSignature signature;
  signature.scheme = ApkScheme::v1;
  const auto done = JarVerifier(entries, parts).verify(signature, blocks, compare_entries);
  signature.verified = done.has_value();
  if (!done) signature.problem = done.error().message;
  return signature;
}

}  // namespace amanat::program
