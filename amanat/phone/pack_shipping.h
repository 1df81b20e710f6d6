#pragma once

// Takes sealed packs to the custodian: their events are kept durably before they are sent, they go
// out on a second connection, and they become part of the vault by commits.
//
// A pack that is lost on its way is sealed again by a later run from the files themselves, so
// nothing but its row stays here.

#include <memory>
#include <optional>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/sealing_session.h"
#include "amanat/phone/session.h"
#include "amanat/phone/uploader.h"

namespace amanat::phone {

/// Finds out what became of the last commit and of packs that are in none: they are at the
/// custodian, or forgotten. The custodian keeps packs without a commit for 7 days.
Result<> settle_cut_off_packs(Session& session);

class PackShipping {
 public:
  /// Borrows `session`.
  static Result<std::unique_ptr<PackShipping>> open(Session& session);

  /// Keeps the pack's event and blobs, and queues it. Gives back memory for the next pack.
  Result<Bytes> ship(StatedPack pack);

  /// Whether so many packs are stored that it is time for a commit.
  bool is_commit_due();

  /// Waits for all packs.
  Result<> finish();

  /// Commits all stored packs but those that a withdrawal holds; with `trees`, the snapshot too,
  /// and gives up the packs that it does not need any more.
  Result<> commit(std::optional<std::vector<seal::SnapshotTree>> trees,
                  const std::vector<seal::PackId>& retired = {});

  std::uint64_t sent_packs() const { return sent_packs_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  PackShipping(Session& session, std::unique_ptr<CustodianLink> link);
  Result<> note_stored();

  Session& session_;
  std::unique_ptr<CustodianLink> link_;  // the uploader's own
  std::size_t stored_ = 0;               // since the last commit
  std::uint64_t sent_packs_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::unique_ptr<Uploader> uploader_;  // last: it stops before what it uses goes
};

}  // namespace amanat::phone
