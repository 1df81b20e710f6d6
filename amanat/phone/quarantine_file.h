#pragma once

// One file of the quarantine: what was taken away, and why, sealed under a key of this phone.
//
//   file     "amanat quarantine 1\n" || id[16] || record<0..2^15> || chunk ...
//   record   XChaCha20-Poly1305, AAD: the magic and id; says the size, so the chunks are counted
//   chunk i  AES-256-GCM of 1 MiB, the last one shorter; nonce: i, big-endian
//
// Both keys come from the quarantine's key and the id by HKDF, so each file has its own and a nonce
// is never used twice. Sealed, the content does no harm: nothing runs it, no other scanner finds
// it, and a thumbnailer or an indexer meets noise. What is bent does not open.

#include <cstdint>
#include <string>

#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/phone/open_file.h"

namespace amanat::phone {

using QuarantineId = Id<struct QuarantineTag, 16>;
using QuarantineKey = Key<struct QuarantineKeyTag, 32>;

inline constexpr std::size_t kQuarantinePathBytesMax = 4096;
inline constexpr std::size_t kQuarantineTextBytesMax = 4096;  // of each text of a reason

/// Why a file was taken away.
struct QuarantineReason {
  std::string signature;  // "Eicar-Test-Signature"
  std::string source;     // the database that has it
  std::string inside;     // where in the file: "assets/a.com"; empty for the file itself
  std::string words;      // what it can do, for people
  friend bool operator==(const QuarantineReason&, const QuarantineReason&) = default;
};

/// What is known of a file in quarantine. Names are bytes as the file system had them: escape them
/// before a terminal sees them.
struct QuarantineRecord {
  std::string path;  // absolute, where it lay
  FileStamp stamp;   // when it was read
  std::uint32_t mode = 0;
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::int64_t atime_ns = 0;
  crypto::Hash digest;
  QuarantineReason reason;
  Instant when;
  friend bool operator==(const QuarantineRecord&, const QuarantineRecord&) = default;
};

/// Seals `from` into the empty file `to`, and fills in the digest of `record`. Not synced.
///
///   fails   conflict when `from` has another size than record.stamp says
Result<> seal_quarantined(const QuarantineKey& key, const QuarantineId& id, int from, int to,
                          QuarantineRecord& record);

/// Reads the record alone; `forged` when it does not open.
Result<QuarantineRecord> open_quarantine_record(const QuarantineKey& key, const QuarantineId& id,
                                                int file);

/// Opens the content into `to`, or only checks it when `to` is -1.
///
///   fails   forged when a chunk does not open, or the digest of all is another
Result<QuarantineRecord> open_quarantined(const QuarantineKey& key, const QuarantineId& id,
                                          int file, int to);

}  // namespace amanat::phone
