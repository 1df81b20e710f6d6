#pragma once

// Checks that the custodian keeps what it promised, as far as one phone can see:
//
//   receipts    every one still opens what was sent, and its log is a beginning of today's
//   keyring     the newest is there, byte for byte
//   packs       all that was committed is listed, and one random leaf of each is shown; with `all`
//               every pack is read and opened
//
// Damage is told by the files it touches, and remembered, so that the next run of protect seals
// those files again and retires the damaged packs.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/progress.h"
#include "amanat/phone/session.h"

namespace amanat::phone {

struct CheckOptions {
  bool all = false;
  std::optional<std::filesystem::path> bundle;  // where to write what a verifier may see
};

struct CheckReport {
  std::uint64_t receipts = 0;
  std::uint64_t log_size = 0;
  std::uint32_t keyring_version = 0;
  std::uint64_t packs = 0;
  std::uint64_t damaged_packs = 0;
  std::uint64_t leaves = 0;           // shown and verified
  std::uint64_t bytes_read = 0;       // with `all`
  std::vector<std::string> problems;  // in words
  std::vector<std::string> damaged_files;

  bool needs_attention() const { return !problems.empty(); }
};

/// Fails as the link does; what is damaged or missing is in the report, and what is forged fails
/// with the evidence kept.
Result<CheckReport> check(Session& session, const CheckOptions& options, Progress& progress);

/// The bundle of docs/format.md §15: entries, proofs and checkpoints, and nothing of their owner.
std::string bundle_json(std::string_view policy_hash_hex, const std::vector<KeptEvent>& events);

}  // namespace amanat::phone
