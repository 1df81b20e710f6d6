#pragma once

// The two things that move a vault: a new keyring version and a commit. Each is one step s with its
// vault_head event (docs/format.md §10.3), and each is refused as `conflict` when another device
// was faster: then the heads are read again and the step is made anew; no pack is sent again.

#include <functional>
#include <optional>
#include <vector>

#include "amanat/phone/session.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/snapshot.h"

namespace amanat::phone {

/// What the next keyring version is to say.
struct KeyringChange {
  /// Changes a copy of the newest body; version, previous hash and label floors are set already.
  /// May run more than once, each time on a fresh copy.
  std::function<Result<>(seal::KeyringBody&)> apply;
  /// The phrase key of the *present* version. With it the change counts now, not in 72 h.
  const crypto::Signer* phrase_signer = nullptr;
};

/// Makes the next version, stores it at the custodian and here, and lets the session use it. The
/// one-time keys that are used up are destroyed; keys of older versions stay until somebody says
/// `destroy_older_keyrings`.
Result<> store_next_keyring(Session& session, const KeyringChange& change);

/// Fetches keyring versions that other devices made, checks that each follows the one before, and
/// lets the session use the newest.
Result<> catch_up_keyring(Session& session, const api::Heads& heads);

/// The phrase key whose words count now: that of the oldest version this phone still keeps, since
/// one that brings new words without being confirmed leaves the older ones for 72 hours.
Result<crypto::PublicKey> settled_phrase_key(Session& session);

/// Ends what a kill left half done: the newest keyring says which one-time key is used up and which
/// one follows it.
Result<> settle_one_time_keys(Session& session);

/// Destroys this phone's way to every version that nothing needs any more: all but the newest, and
/// but those that a withdrawal under way could still be cancelled from or whose words still count.
Result<> retire_old_keyrings(Session& session);

/// Destroys this phone's way to every version before `version`, needed or not: an erasure is due.
Result<> destroy_older_keyrings(Session& session, std::uint32_t version);

/// What the next commit is to say.
struct CommitPlan {
  std::vector<KeptPack> added;  // uploaded, not committed
  std::vector<seal::PackId> retired;
  std::optional<std::vector<seal::SnapshotTree>> trees;  // none: no snapshot
};

/// Commits, keeps the receipts, and marks the packs as committed. A commit is kept durably before
/// it is sent; one whose answer was lost is sent again first, and is answered as before.
Result<> store_commit(Session& session, const CommitPlan& plan);

/// Sends a commit again whose answer was lost. One that never will be accepted is forgotten, and so
/// is one whose packs are forgotten: what it was to say, the next one says.
Result<> settle_pending_commit(Session& session);

}  // namespace amanat::phone
