#pragma once

// How one custodian is run: what an operator says at the start, and the waiting times that are
// promises of docs/api.md §5 and therefore no settings.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "amanat/consent/grant_history.h"
#include "amanat/tlog/entry.h"

namespace amanat::custodian {

/// A withdrawal may be cancelled for so long; then its data is erased.
using consent::kWithdrawalWait;
/// A keyring is kept for so long after its successor was logged, unless that one was confirmed.
inline constexpr std::chrono::hours kKeyringOverlap{72};
/// A pack that no commit names is deleted after this.
inline constexpr std::chrono::hours kUncommittedKept{7 * 24};
/// Bytes without a record are left alone for so long: an operator may have moved the records.
inline constexpr std::chrono::hours kOrphanKept{48};
/// A pack whose erasure cannot be written because of damage is tried again after this.
inline constexpr std::chrono::hours kErasureRetry{24};
/// How old a decision may be when it arrives, and how far ahead its clock.
inline constexpr std::chrono::hours kDecisionAgeMax{24};
inline constexpr std::chrono::minutes kClockAheadMax{5};
/// A clock that goes back further than this stops the log until it is right again.
inline constexpr std::chrono::seconds kClockBackMax{60};
/// `GET /v1/heads` is one answer of at most 1 MiB: the newest commits with a snapshot of all
/// devices have this room in it, an account has so many devices in its life, and of ended consents
/// the newest are told.
inline constexpr std::uint64_t kSnapshotCommitsBytesMax = std::uint64_t{600} << 10;
inline constexpr std::uint64_t kDevicesMax = 256;
inline constexpr std::size_t kGrantsToldMax = 512;
/// With less room than this on the disk nothing is taken in any more.
inline constexpr std::uint64_t kFreeBytesMin = std::uint64_t{64} << 20;

struct Settings {
  std::filesystem::path folder;
  // Fixed at the first start; later they may be left out, and must not differ.
  std::optional<std::string> origin;   // of the log; none: amanat.local/<16 random hex digits>
  std::optional<tlog::Region> region;  // none: a folder on a disk
  // A new name publishes new notices; the old ones stay valid for decisions made under them.
  std::optional<std::string> maker;  // none: the demonstration maker

  std::optional<std::string> token;  // who opens an account has to know it; none: anyone may
  std::uint64_t quota_bytes = std::uint64_t{64} << 30;  // of one account
  std::chrono::hours erase_within{7 * 24};              // random, so that sizes do not show
  std::chrono::milliseconds batch_wait{5};              // how long the log waits for company
  bool only_look = false;  // found nothing and publish nothing: for `amanatd check`
};

}  // namespace amanat::custodian
