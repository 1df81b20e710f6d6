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
// New signatures need not cost a scan of everything: with each verdict stands which kinds and sizes
// of objects were met, so `carry_over` can tell what a new signature could not match.
//
// Names of files are not in here. The database may be removed at any time.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/phone/open_file.h"
#include "amanat/store/sqlite.h"

namespace amanat::phone {

inline constexpr std::size_t kInnerSizesMax = 32;           // kept of one file
inline constexpr std::size_t kVerdictBytesMax = 64 * 1024;  // of one encoded verdict
inline constexpr std::chrono::days kFilesUnseenMax{60};     // then forgotten
inline constexpr std::chrono::seconds kSettledAfter{2};     // younger files are not remembered

/// What a verdict depends on, besides the content.
struct ScanVersions {
  crypto::Hash signatures;
  crypto::Hash limits;  // and the engine's version
  friend bool operator==(const ScanVersions&, const ScanVersions&) = default;
};

/// What lay in a file that was examined, itself included.
struct ObjectsMet {
  std::uint32_t targets = 0;               // a bit for each target type of signatures
  std::vector<std::uint64_t> inner_sizes;  // of objects inside, each once
  bool sizes_are_all = true;               // false when there were more than kInnerSizesMax
  friend bool operator==(const ObjectsMet&, const ObjectsMet&) = default;

  /// Notes one object inside.
  void add_inner(std::uint32_t target_bits, std::uint64_t size);
};

struct KnownVerdict {
  Bytes verdict;  // as the scanner encodes it; empty: examined whole, nothing found
  ObjectsMet met;
  friend bool operator==(const KnownVerdict&, const KnownVerdict&) = default;
};

/// A file that was just examined; `stamp` is the one it had before it was read, and after.
struct Examined {
  FileStamp stamp;
  crypto::Hash digest;
  KnownVerdict known;
};

/// What signatures that came between two versions could match. Signatures that went need no entry:
/// what has a finding is examined again anyway.
struct SignatureDelta {
  ScanVersions from;
  ScanVersions to;
  std::uint32_t targets = 0;         // of new body signatures; ~0 when one is for any target
  std::vector<std::uint64_t> sizes;  // of new digests, ascending
  bool anything = false;             // new digests of any size, or a change that is not described

  bool could_match(std::uint64_t file_size, const ObjectsMet& met) const;
};

class VerdictCache {
 public:
  /// Opens or makes the database; one that is damaged or from a newer program is made anew.
  static Result<VerdictCache> open(const std::filesystem::path& path);
  static Result<VerdictCache> open_in_memory();

  /// The verdicts of files, in the order of `stamps`; nothing where the file is new or has changed,
  /// or its verdict is of other versions. Marks them as seen.
  Result<std::vector<std::optional<KnownVerdict>>> look_up(std::span<const FileStamp> stamps,
                                                           const ScanVersions& versions,
                                                           Instant now);

  /// The verdict on a content, wherever it lay.
  Result<std::optional<KnownVerdict>> look_up(const crypto::Hash& digest,
                                              const ScanVersions& versions);

  /// Remembers what was examined, all or nothing; durable when it returns.
  Result<> remember(std::span<const Examined> files, const ScanVersions& versions, Instant now);

  struct CarriedOver {
    std::uint64_t kept = 0;     // verdicts that hold under the new versions too
    std::uint64_t to_scan = 0;  // contents that a new signature could match
  };
  /// Makes the verdicts of `delta.from` that the new signatures cannot change those of `delta.to`.
  Result<CarriedOver> carry_over(const SignatureDelta& delta);

  /// Forgets files that no scan has met for kFilesUnseenMax, and verdicts that no file has any
  /// more. Returns how many files.
  Result<std::uint64_t> expire(Instant now);

  Result<std::uint64_t> file_count();

 private:
  explicit VerdictCache(store::Database database) : database_(std::move(database)) {}
  Result<std::optional<std::uint64_t>> find_version(const ScanVersions& versions);
  Result<std::uint64_t> note_version(const ScanVersions& versions);
  Result<> mark_seen(const std::vector<FileStamp>& stamps, std::uint64_t day);

  store::Database database_;
};

}  // namespace amanat::phone
