#pragma once

// The phone's malware scanner: known files by digest, known bytes by place, looked for in files
// and inside ZIP archives (APK, JAR, OOXML), within limits that make bombs harmless.
//
//   auto database = Database::load_folder(folder);          // or Database::builtin()
//   const Scanner scanner(*database);
//   Verdict verdict = scanner.scan(file);                   // the buffer that the sealer reads too
//
// A file is clean only when all of it was looked at; where a limit, an encryption or damage stood
// in the way the verdict says `not_fully_scanned` and why. Nothing leaves the phone.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/unpack/random_access.h"

namespace amanat::scan {
using unpack::Part;
using unpack::RandomAccess;
using unpack::read_from;
using unpack::read_part;

/// What loading made of a folder. `hashes + patterns + allowed` are applied; all else is told.
struct LoadReport {
  struct Left {
    std::string reason;       // in words: "wildcards in the pattern"
    std::uint64_t count = 0;  // signatures, or files of a kind we cannot look into
    std::string first;        // where it was met first: "daily.ndb:17"
  };
  std::uint64_t files = 0;
  std::uint64_t hashes = 0;
  std::uint64_t patterns = 0;
  std::uint64_t allowed = 0;  // digests of files that are fine whatever else is found
  std::vector<Left> left;     // each reason once
};

/// Signatures ready to be looked for. Never changes, so threads may share it.
class Database {
 public:
  /// Knows the EICAR test file alone, so that a phone without a folder can still show that it
  /// scans.
  static Database builtin();

  /// Reads all files of known kinds (.hdb .hsb .ndb .fp .sfp .ign2) in `folder`, not below it, and
  /// adds what `builtin` knows.
  ///
  ///   fails   not_found when there is no such folder; unavailable when a file cannot be read
  ///           invalid_input when files or signatures are more than their limits
  static Result<Database> load_folder(const std::filesystem::path& folder);

  const LoadReport& report() const;

  /// Names the signatures and the engine: the same version gives the same verdicts. Files may be
  /// renamed without changing it.
  const crypto::Hash& version() const;

  struct Tables;
  const Tables& tables() const { return *tables_; }

 private:
  explicit Database(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}
  std::shared_ptr<const Tables> tables_;
};

struct Verdict {
  enum class Kind : std::uint8_t { clean, threat, not_fully_scanned };
  Kind kind = Kind::clean;
  std::string signature;  // of a threat: "Eicar-Test-Signature"
  std::string source;     // of a threat: the database file that has the signature
  std::string inside;     // where in an archive: "assets/a.com", "b.zip!/c.txt"; empty for the file
  std::string reason;     // why not fully scanned, in words without personal data

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// "clean", "threat", "not_fully_scanned".
std::string_view name_of(Verdict::Kind kind);

/// What one file may cost. Reaching a limit gives `not_fully_scanned`, unless a threat is found.
struct Limits {
  std::uint32_t depth_max = 4;                   // archives within archives
  std::uint32_t entries_max = 65'536;            // in all archives of a file together
  std::uint64_t entry_bytes_max = 64ULL << 20;   // inflated from one entry
  std::uint64_t total_bytes_max = 256ULL << 20;  // inflated from a file
  std::uint64_t ratio_max = 250;                 // grown that much, beyond 8 MiB
  std::uint64_t nested_bytes_max = 64ULL << 20;  // kept of compressed inner archives
  std::uint64_t nested_bytes_max_streaming = 6ULL
                                             << 20;  // the same, when the file is not in memory
};

/// One file on its way through the scanner, in pieces, in order. Memory: 8 MiB at most.
class ScanStream {
 public:
  ScanStream(ScanStream&&) noexcept;
  ScanStream& operator=(ScanStream&&) noexcept;
  ScanStream(const ScanStream&) = delete;
  ScanStream& operator=(const ScanStream&) = delete;
  ~ScanStream();

  void update(ByteView piece);
  /// The next `count` bytes are zeros: cheaper than as many bytes.
  void update_zeros(std::uint64_t count);

  /// The verdict; the stream is used up. `file` reads the same bytes again where the file turns out
  /// to be an archive. When there were more or fewer bytes than promised: not fully scanned.
  Verdict finish(const RandomAccess& file);

 private:
  friend class Scanner;
  struct State;
  explicit ScanStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Scans files, each on its own; threads may share one.
class Scanner {
 public:
  /// Borrows `database`.
  explicit Scanner(const Database& database, const Limits& limits = {})
      : database_(&database), limits_(limits) {}

  /// A file in memory.
  Verdict scan(ByteView file) const;

  /// A file that is read twice at most: in order, and where it is an archive. `zeros` are stretches
  /// that are known to be zeros and are not read in order; ascending, apart, within the file.
  Verdict scan(const RandomAccess& file, std::uint64_t size,
               std::span<const Part> zeros = {}) const;

  /// A file of `size` bytes that comes in pieces.
  ScanStream stream(std::uint64_t size) const;

 private:
  const Database* database_;
  Limits limits_;
};

}  // namespace amanat::scan
