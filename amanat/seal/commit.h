#pragma once

// A commit makes packs part of a vault: a device says what it added and retired since its last one
// (docs/format.md §10.2). A vault head binds the newest keyring and all devices' newest commits
// into the log (§10.3).

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/seal/ids.h"
#include "amanat/seal/object.h"
#include "amanat/seal/statement.h"

namespace amanat::seal {

inline constexpr std::size_t kCommitPacksMax = 1'024;
inline constexpr std::size_t kCommitRetiredMax = (std::size_t{1} << 18) / PackId::kSize;
inline constexpr std::size_t kCommitBytesMax = std::size_t{1} << 19;

struct AddedPack {
  PackId pack;
  std::uint32_t frames = 0;  // 1 to 256
  friend bool operator==(const AddedPack&, const AddedPack&) = default;
};

/// Signed by the device key: `sign(commit, signer)`, `Statement<Commit>::parse(bytes)`.
struct Commit {
  static constexpr std::string_view kWhat = "commit";

  AccountId account;
  DeviceId device;
  std::uint64_t sequence = 0;  // from 1, each one more
  CommitHash previous;         // zeros for the first
  std::uint32_t keyring_version = 0;
  KeyringHash keyring;
  std::vector<AddedPack> added;  // each pack once, at most 1,024
  std::vector<PackId> retired;   // at most 8,192
  Bytes snapshot;                // sealed, or empty
  Instant time;

  Bytes encode() const;
  static Result<Commit> parse(ByteView body);
  friend bool operator==(const Commit&, const Commit&) = default;
};

/// The name of a signed commit.
inline CommitHash hash_commit(ByteView statement) { return hash_as<CommitHash>(statement); }

/// A device's newest commit.
struct DeviceHead {
  DeviceId device;
  CommitHash commit;
  friend bool operator==(const DeviceHead&, const DeviceHead&) = default;
};

/// What the vault_head event commits to; `heads` in any order, one for each device that committed.
EventCommitment vault_head_commitment(std::uint32_t keyring_version, const KeyringHash& keyring,
                                      std::vector<DeviceHead> heads);

/// HMAC(V, s): finds the vault head of step s, counted from 1, for those who hold V.
crypto::Hash vault_head_link(const VaultKey& key, std::uint64_t step);

}  // namespace amanat::seal
