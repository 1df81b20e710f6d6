#pragma once

// A snapshot names the roots of a device's trees and nothing else. It is sealed and travels in a
// commit (docs/format.md §10.1).

#include <cstdint>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/seal/ids.h"

namespace amanat::seal {

inline constexpr std::size_t kSealedSnapshotBytesMax = 65'536;
inline constexpr std::size_t kSnapshotTreesMax = (std::size_t{1} << 15) / 80;

struct SnapshotTree {
  CompartmentId compartment;
  PackId pack;    // where the tree root lies
  BlobName root;  // a blob of type tree in that pack
  friend bool operator==(const SnapshotTree&, const SnapshotTree&) = default;
};

struct Snapshot {
  static constexpr std::string_view kWhat = "snapshot";

  DeviceId device;
  std::uint64_t sequence = 0;
  SnapshotHash previous;  // zeros for the first
  Instant time;
  std::vector<SnapshotTree> trees;  // one for each compartment, at most 409

  Bytes encode() const;
  static Result<Snapshot> parse(ByteView bytes);
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

/// generation || XSEAL(snapshot key, context || account || generation, snapshot).
Bytes seal_snapshot(const Snapshot& snapshot, const AccountId& account, Generation generation,
                    const SnapshotKey& key);

/// Says which generation of the snapshot key opens these bytes.
Result<Generation> snapshot_generation(ByteView sealed);

/// Opens a snapshot: forged when key, account or bytes do not belong together.
Result<Snapshot> open_snapshot(ByteView sealed, const AccountId& account, const SnapshotKey& key);

/// What the next snapshot of the device names as `previous`.
inline SnapshotHash hash_snapshot(ByteView sealed) { return hash_as<SnapshotHash>(sealed); }

}  // namespace amanat::seal
