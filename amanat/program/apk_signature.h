#pragma once

// Who signed an Android package, and whether the signatures hold.
//
// A package may carry several signatures (Android's "APK Signature Scheme" documents):
//
//   v1     JAR: META-INF/MANIFEST.MF has a digest of every entry, *.SF digests of the manifest,
//          *.RSA, *.DSA or *.EC a PKCS #7 signature over the .SF
//   v2     a block before the central directory, over everything else in the file
//   v3     the same with a range of Android versions, and a chain from older keys (rotation)
//   v3.1   the same for Android 13 and later
//
// A phone goes by the newest scheme it knows and finds, and if that does not hold it does not fall
// back. So do `decisive` and `is_verified`. Older ones are still judged, each alone. Nobody vouches
// for the signers: a certificate is a name that updates of the app, and lists of bad apps, go by.
//
// Everything is bounded: the counts below are met before anything is verified, and a v1 signature
// costs what `content` takes to hand out the entries.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "amanat/crypto/certificate.h"

namespace amanat::program {

inline constexpr std::size_t kApkSignersMax = 10;       // per scheme, as in Android
inline constexpr std::size_t kApkCertificatesMax = 32;  // per signer
inline constexpr std::size_t kApkAlgorithmsMax = 16;    // signatures and digests per signer
inline constexpr std::size_t kSigningPairsMax = 1'024;  // id-value pairs of the block
inline constexpr std::size_t kLineageMax = 16;          // older keys of one signer
inline constexpr std::size_t kJarFileBytesMax = 64 * 1'024 * 1'024;  // manifest and .SF
inline constexpr std::size_t kJarEntriesMax = 65'536;

enum class ApkScheme : std::uint8_t { v1, v2, v3, v31 };

struct ApkSigner {
  // The signer's own certificate first, then what came along with it.
  std::vector<crypto::Certificate> certificates;
  // Earlier keys that vouch for this one, oldest first (v3); verified.
  std::vector<crypto::Certificate> lineage;
  std::uint32_t min_sdk = 0;  // Android versions that go by this signer (v3)
  std::uint32_t max_sdk = 0x7fffffff;
};

/// One scheme's signature. Signers of one that does not hold are claims.
struct ApkSignature {
  ApkScheme scheme = ApkScheme::v1;
  bool verified = false;
  std::string problem;  // why not; empty when verified
  std::vector<ApkSigner> signers;
};

struct ApkSignatures {
  std::vector<ApkSignature> schemes;  // those found, oldest first; empty: not signed

  const ApkSignature* find(ApkScheme scheme) const;
  /// The newest one, which a phone goes by.
  const ApkSignature* decisive() const { return schemes.empty() ? nullptr : &schemes.back(); }
  bool is_verified() const { return !schemes.empty() && schemes.back().verified; }
};

/// The archive's entries, by whoever reads archives.
struct ApkEntries {
  std::vector<std::string> names;  // all of the central directory
  /// The unpacked content of the entry with this name. An error makes the v1 signature unverified.
  std::function<Result<Bytes>(std::string_view name)> content;
};

/// How far a v1 signature is followed: comparing every entry unpacks the whole package, which a
/// phone that goes by a newer scheme does not do either.
enum class JarDepth : std::uint8_t {
  every_entry,             // always
  every_entry_when_alone,  // only when no newer scheme is there; else manifest and signers
};

/// Finds and verifies all signatures of a package.
///
///   fails   invalid_input when `apk` is no ZIP archive that Android would install
Result<ApkSignatures> verify_apk(ByteView apk, const ApkEntries& entries,
                                 JarDepth depth = JarDepth::every_entry_when_alone);

}  // namespace amanat::program
