#pragma once

// The phone's malware scanner: signatures of known threats, looked for in files and in all that
// lies inside them, within limits that make bombs harmless.
//
//   auto database = Database::open(file);               // compiled, mapped; or Database::builtin()
//   Scanner scanner(*database, clock);
//   Verdict verdict = scanner.scan(file_bytes);
//
// A file is clean only when all of it was looked at. Nothing leaves the phone.
//
// Parsing what strangers made is dangerous work: whoever scans files in earnest does it in a worker
// that can do no harm (examiner.h).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/sandbox/descriptor.h"
#include "amanat/scan/verdict.h"
#include "amanat/threat/threat.h"
#include "amanat/unpack/budget.h"
#include "amanat/unpack/text.h"

namespace amanat::scan {

/// What compiling made of a folder. `hashes + patterns + allowed + rules` are applied; all else is
/// told.
struct LoadReport {
  struct Left {
    std::string reason;       // in words
    std::uint64_t count = 0;  // signatures, or files of a kind we cannot read
    std::string first;        // where it was met first: "daily.ndb:17"
  };
  std::uint64_t files = 0;
  std::uint64_t hashes = 0;
  std::uint64_t patterns = 0;  // body, logical and container signatures
  std::uint64_t allowed = 0;   // digests of files that are fine whatever else is found
  std::uint64_t rules = 0;     // of YARA
  std::vector<Left> left;      // each reason once
  std::uint64_t damaged = 0;   // containers that did not arrive whole, of `left`
  bool is_older = false;       // made of what the folder held before it was damaged

  std::uint64_t signatures() const { return hashes + patterns + rules; }
};

/// Signatures ready to be looked for. Never changes, so threads may share it; copies share the
/// mapping.
class Database {
 public:
  /// Knows the EICAR test file alone, so that a phone without a database can still show that it
  /// scans.
  static Database builtin();

  /// Maps a file that `compile` made; ready at once.
  ///
  ///   fails   not_found when there is none; stale when another version of this program made it;
  ///           corrupt when it is damaged
  static Result<Database> open(const std::filesystem::path& file);

  /// Compiles what is in `folder`, not below it, in memory: signatures of ClamAV (text, .cvd,
  /// .cld), lists of hashes, rules of YARA; and adds what `builtin` knows.
  ///
  ///   fails   not_found when there is no such folder; unavailable when a file cannot be read;
  ///           invalid_input when files or signatures are more than their limits
  static Result<Database> compile(const std::filesystem::path& folder);

  /// `open` of the compiled form kept in `cache` for exactly these files, which is made first when
  /// it is not there or not whole. Older forms in `cache` are removed when it holds; when the files
  /// are damaged, the older form stays in use and its report says so.
  static Result<Database> compile_into(const std::filesystem::path& folder,
                                       const std::filesystem::path& cache);

  /// Writes the compiled form, so that `path` is at every moment the old file or the new one.
  Result<> save(const std::filesystem::path& path) const;

  const LoadReport& report() const;

  /// Names the signatures and the engine: the same version gives the same verdicts.
  const crypto::Hash& version() const;

  /// Open files that hold it, for a worker to read; `take_over` makes the same database of them.
  Result<std::vector<sandbox::Descriptor>> hand_over() const;
  static Result<Database> take_over(std::span<const sandbox::Descriptor> files);

  /// Made of an image of signatures and of compiled rules; the report when there is one.
  static Result<Database> from_parts(Bytes image, Bytes rules_file, LoadReport report);

  struct State;
  const State& state() const { return *state_; }

 private:
  explicit Database(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

using unpack::Limits;

/// Where looking at a file ends: a person needs to know that it is a threat, who compares scanners
/// needs to know all that was found.
enum class Stop : std::uint8_t { first_threat = 1, end = 2 };

/// Scans files in this process, one after another; keeps its memory between them, so one for each
/// thread. Borrows the database and the clock.
class Scanner {
 public:
  Scanner(const Database& database, const Clock& clock);

  /// The whole file, in memory or mapped. Costs time in its size and in what is found inside,
  /// within the limits; memory for one inner object at each level.
  ///
  ///   read   how else to read it through, when the view is a mapping of a large file
  Verdict scan(ByteView file, const Limits& limits = {}, Stop stop = Stop::first_threat,
               const threat::ReadWindow* read = nullptr);

 private:
  const Database* database_;
  const Clock* clock_;
  threat::Examiner examiner_;
  unpack::TextNormaliser normaliser_;
};

}  // namespace amanat::scan
