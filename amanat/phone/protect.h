#pragma once

// Protects a folder: lists it, and for each thing in it asks in this order: is it as it was? what
// is it? does a consent cover it? is it safe? Only then is it sealed, and only sealed bytes leave.
//
// Each run replaces what is kept of its folder; other protected folders stay as they are, and so
// does what a withdrawal under way would erase, until it is complete or cancelled. A run
// that was cut off is continued by the next: blobs that the custodian has are not sealed again.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/progress.h"
#include "amanat/phone/scan_command.h"
#include "amanat/phone/session.h"
#include "amanat/scan/examiner.h"
#include "amanat/seal/tree.h"

namespace amanat::phone {

struct ProtectOptions {
  std::filesystem::path folder;
  bool cross_file_systems = false;
  scan::Examiner* examiner = nullptr;  // none: this process examines, without a sandbox
  PutThreatAway put_away = {};         // empty: threats stay where they are
  VerdictCache* cache = nullptr;       // none: new signatures mean that all is examined again
  std::size_t node_bytes_max = seal::kPageNodesBytesMax;  // what a tree can show of one file
};

/// A thing that stayed on the phone.
struct LeftThing {
  std::string path;
  std::string reason;
};

/// What stayed because no consent covers it, by its categories.
struct LeftForConsent {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::string reason;
  std::string advice;
};

struct ProtectReport {
  std::string root;
  std::uint64_t kept_files = 0;  // all that is in the vault now, links and empty folders too
  std::uint64_t kept_bytes = 0;
  std::uint64_t unchanged_files = 0;
  std::uint64_t removed_files = 0;  // gone from the phone since the last run
  std::uint64_t sealed_bytes = 0;   // content that was not known before
  std::uint64_t sent_packs = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t not_fully_scanned = 0;
  std::optional<CarriedOver> carried;  // verdicts, when the signatures are new
  bool is_committed = false;           // false: nothing had changed
  std::map<std::string, LeftForConsent> without_consent;
  std::vector<LeftThing> threats;
  std::uint64_t put_away = 0;  // of these
  std::vector<LeftThing> unreadable;

  bool needs_attention() const { return !threats.empty() || !unreadable.empty(); }
};

Result<ProtectReport> protect(Session& session, const ProtectOptions& options, Progress& progress);

}  // namespace amanat::phone
