#pragma once

// Where the parts of a package lie that the signing block covers (APK Signature Scheme v2).
//
//   file      entries, signing block, central directory, end of central directory
//   block     u64 size (of what follows it), pairs, u64 the same size, "APK Sig Block 42"
//   pair      u64 size (of what follows it), u32 id, value

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"

namespace amanat::program {

inline constexpr std::uint32_t kSchemeV2 = 0x7109871a;
inline constexpr std::uint32_t kSchemeV3 = 0xf05368c0;
inline constexpr std::uint32_t kSchemeV31 = 0x1b93ad61;

struct SigningPair {
  std::uint32_t id = 0;
  ByteView value;
};

/// Borrows the package.
struct ApkParts {
  ByteView entries;  // what stands before the signing block, or the directory where there is none
  ByteView directory;
  ByteView end;
  std::vector<SigningPair> pairs;

  /// The first pair with this id.
  std::optional<ByteView> find(std::uint32_t id) const;
  /// The end with the directory placed where the signing block begins: what was signed.
  Bytes signed_end() const;
};

/// Finds the parts.
///
///   fails   invalid_input when the file does not end in a central directory, as Android wants it,
///           or a signing block is there and is broken
Result<ApkParts> find_apk_parts(ByteView apk);

/// The digest of the contents in pieces of 1 MiB, each behind 0xa5 and its size, all behind 0x5a
/// and their number (v2, "integrity-protected contents").
Bytes digest_in_pieces(const ApkParts& parts, crypto::DigestKind kind);

/// The same as a tree of blocks of 4 KiB, for fs-verity: the root, then the size of the contents.
Bytes digest_as_tree(const ApkParts& parts);

}  // namespace amanat::program
