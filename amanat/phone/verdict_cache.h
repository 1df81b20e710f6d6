#pragma once

// What the scanner found earlier, so that a file that has not changed costs one stat.
//
//   file      device, inode, size, mtime, ctime     ->  digest of the content
//   content   digest, under (signatures, limits)    ->  verdict, and what was met inside
//
// A file whose ctime is younger than two seconds is not remembered: it could change once more
// without its times changing. Otherwise a change that leaves all five numbers as they were (by
// somebody who rules the machine's clock or writes below the file system) is not seen; a full scan
// asks no cache.
//
// New signatures need not cost a scan of everything: with each verdict stands what was met in the
// file, and beside them all what the database looked for. So `take_up` can tell which verdicts hold
// under a new database too. Both are in one file and one transaction: there is no verdict without
// the inventory it was made with, or it is not carried over.
//
// Names of files are not in here. The database may be removed at any time.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/phone/open_file.h"
#include "amanat/store/sqlite.h"
#include "amanat/threat/signature_delta.h"

namespace amanat::phone {

inline constexpr std::size_t kVerdictBytesMax = 64 * 1024;  // of one encoded verdict
inline constexpr std::chrono::days kFilesUnseenMax{60};     // then forgotten
inline constexpr std::chrono::seconds kSettledAfter{2};     // younger files are not remembered

/// What a verdict depends on, besides the content.
struct ScanVersions {
  crypto::Hash signatures;
  crypto::Hash limits;  // and the engine's version
  friend bool operator==(const ScanVersions&, const ScanVersions&) = default;
};

struct KnownVerdict {
  Bytes verdict;  // as the scanner encodes it; empty: examined whole, nothing found
  threat::ObjectsMet met;
  friend bool operator==(const KnownVerdict&, const KnownVerdict&) = default;
};

/// A file that was just examined; `stamp` is the one it had before it was read, and after.
struct Examined {
  FileStamp stamp;
  crypto::Hash digest;
  KnownVerdict known;
};

/// What became of verdicts when a new database came.
struct CarriedOver {
  std::uint64_t kept = 0;        // clean, and nothing that is new could match
  std::uint64_t to_examine = 0;  // contents that need a new look
  friend bool operator==(const CarriedOver&, const CarriedOver&) = default;
};

class VerdictCache {
 public:
  /// Opens or makes the database; one that is damaged or from a newer program is made anew.
  static Result<VerdictCache> open(const std::filesystem::path& path);
  static Result<VerdictCache> open_in_memory();

  /// The verdicts of files as they are encoded, in the order of `stamps`; nothing where the file is
  /// new or has changed, or its verdict is of other versions. Marks them as seen.
  Result<std::vector<std::optional<Bytes>>> look_up(std::span<const FileStamp> stamps,
                                                    const ScanVersions& versions, Instant now);

  /// The verdict on a content, wherever it lay.
  Result<std::optional<KnownVerdict>> look_up(const crypto::Hash& digest,
                                              const ScanVersions& versions);

  /// Remembers what was examined, all or nothing; durable when it returns.
  Result<> remember(std::span<const Examined> files, const ScanVersions& versions, Instant now);

  /// Makes `signatures` the database in use. When it was another one before, whose inventory was
  /// kept, the clean verdicts that nothing new could change become those of `signatures`.
  ///
  ///   take_inventory   of that database (scan/inventory.h); asked only when it was not in use
  ///   returns          nothing when it was in use already, or none was before
  Result<std::optional<CarriedOver>> take_up(const crypto::Hash& signatures,
                                             const std::function<Bytes()>& take_inventory);

  /// Forgets files that no scan has met for kFilesUnseenMax, and verdicts that no file has any
  /// more. Returns how many files.
  Result<std::uint64_t> expire(Instant now);

  Result<std::uint64_t> file_count();

  // Files of signatures whose checksum held, so that it is computed once.
  Result<bool> is_checked(const FileStamp& stamp);
  Result<> note_checked(const FileStamp& stamp, Instant now);

 private:
  explicit VerdictCache(store::Database database) : database_(std::move(database)) {}
  Result<std::optional<std::uint64_t>> find_version(const ScanVersions& versions);
  Result<std::uint64_t> note_version(const ScanVersions& versions);
  Result<> mark_seen(const std::vector<FileStamp>& stamps, std::uint64_t day);
  Result<crypto::Hash> signatures_in_use();
  Result<CarriedOver> carry_over(const crypto::Hash& from, const crypto::Hash& to,
                                 const threat::SignatureDelta& delta);

  store::Database database_;
};

}  // namespace amanat::phone
