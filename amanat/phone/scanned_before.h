#pragma once

// What `protect` asks the cache of verdicts, and tells it: a file that it sealed and that has not
// changed need not be examined again because the signatures are new, when none of them could match.

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/phone/file_records.h"
#include "amanat/phone/item_reader.h"
#include "amanat/phone/verdict_cache.h"
#include "amanat/scan/examiner.h"

namespace amanat::phone {

/// Borrows all. Without a cache, and after it failed, nothing is known and nothing is kept.
class ScannedBefore {
 public:
  ScannedBefore(VerdictCache* cache, const scan::Examiner& examiner, const Clock& clock);

  /// Carries verdicts over to the examiner's database; nothing when it is not new.
  std::optional<CarriedOver> take_up();

  /// Looks up files that were scanned with other signatures.
  void look_up(const std::vector<const FileRow*>& rows);
  /// Whether one of those is clean under the present ones.
  bool is_clean(const std::string& path) const { return clean_.contains(path); }

  /// Notes what was examined and did not change meanwhile. Files that are not in memory whole are
  /// not noted: their digest would cost another reading.
  void note(const OpenMember& member, const scan::Verdict& verdict);
  /// Writes what was noted.
  void remember();

 private:
  VerdictCache* cache_;
  const scan::Examiner& examiner_;
  const Clock& clock_;
  ScanVersions versions_;
  std::unordered_set<std::string> clean_;
  std::vector<Examined> noted_;
  Instant noted_since_;
};

}  // namespace amanat::phone
