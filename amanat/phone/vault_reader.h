#pragma once

// Reads a vault back from the custodian: its packs, the newest snapshot of each device, and the
// trees these name. Nothing that the custodian says is believed before a key of the keyring opened
// it; its inventory only tells where to look.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/session.h"
#include "amanat/seal/index.h"
#include "amanat/seal/pack_reader.h"
#include "amanat/seal/snapshot.h"
#include "amanat/seal/tree.h"
#include "amanat/seal/tree_reader.h"

namespace amanat::phone {

/// Fetches packs whole or in ranges, and keeps the last few.
class PackFetcher {
 public:
  /// Borrows `session`.
  explicit PackFetcher(Session& session) : session_(session) {}

  /// A whole pack, of the right size; that its bytes are right is for its frames and blobs to show,
  /// one by one. Lives until the next calls.
  ///
  ///   fails   corrupt when the custodian has lost it
  Result<ByteView> whole(const seal::PackId& pack, std::uint32_t frames);
  Result<Bytes> range(const seal::PackId& pack, std::uint64_t offset, std::size_t size);
  /// Ranges while little is read of a pack; after that the whole pack at once. Borrows this.
  seal::PackSource source(const seal::PackId& pack, std::uint32_t frames);

  std::uint64_t fetched_bytes() const { return fetched_bytes_; }

 private:
  Result<Bytes> fetch(const seal::PackId& pack, std::uint64_t offset, std::size_t size);
  struct Kept {
    seal::PackId pack;
    Bytes bytes;
  };
  Session& session_;
  std::list<Kept> kept_;  // newest first
  std::unordered_map<seal::PackId, unsigned, IdHash> reads_;
  std::unordered_map<seal::PackId, Error, IdHash> lost_;  // not asked for again
  std::uint64_t fetched_bytes_ = 0;
};

/// The custodian's list of the account's packs.
using PackFrames = std::unordered_map<seal::PackId, std::uint32_t, IdHash>;
Result<PackFrames> read_pack_frames(Session& session);

/// The newest snapshot of a device, opened.
struct OpenSnapshot {
  seal::DeviceId device;
  seal::Snapshot snapshot;
};

/// All devices' newest snapshots.
///
///   fails   forged when a device did not sign what the custodian gives out as its commit, or when
///           this phone's is older than the one it stored
Result<std::vector<OpenSnapshot>> read_snapshots(Session& session, const api::Heads& heads);

/// A pack of a compartment, as its index names it.
struct PackPlace {
  seal::PackId id;
  std::uint32_t frames = 0;
  seal::Generation generation = 0;
};

/// Packs of a compartment with what is in them, as the phone itself remembers it: asked only when
/// the custodian's index is damaged.
using KnownPacks = std::function<Result<std::vector<seal::IndexedPack>>()>;

/// One compartment's tree, its index and its keys. What is damaged of them is left out: the root
/// may be missing, and blobs that only a lost index named are not found.
class TreeReader {
 public:
  struct Location {
    std::uint32_t pack = 0;  // number in `packs`
    seal::PackEntry place;
  };

  /// Borrows `body` and `fetcher`.
  ///
  ///   known   may be empty; then a lost root is a failure
  ///   fails   denied when the compartment is closed; and as the fetcher fails
  static Result<std::unique_ptr<TreeReader>> open(const seal::KeyringBody& body,
                                                  PackFetcher& fetcher, const PackFrames& frames,
                                                  const seal::SnapshotTree& tree,
                                                  const KnownPacks& known);
  TreeReader(const TreeReader&) = delete;
  TreeReader& operator=(const TreeReader&) = delete;

  /// False when the root is lost and only `known` says what there is.
  bool has_root() const { return has_root_; }
  const std::vector<seal::ProtectedFolder>& roots() const { return root_.roots; }
  const seal::CompartmentId& compartment() const { return tree_.compartment; }
  const std::vector<PackPlace>& packs() const { return packs_; }

  /// Where a blob lies; nullptr when no index names it.
  const Location* find(const seal::BlobName& name) const;
  /// The plain bytes of a page.
  Result<Bytes> read(seal::BlobType type, const seal::BlobName& name);
  /// Opens a pack over bytes that the caller has.
  Result<seal::PackReader> open_pack(const PackPlace& pack, seal::PackSource source);
  const seal::NameKey& name_key() const { return keys_.begin()->second.name; }

 private:
  TreeReader(const seal::KeyringBody& body, PackFetcher& fetcher, const seal::SnapshotTree& tree)
      : body_(body), fetcher_(fetcher), tree_(tree) {}
  Result<> load(const PackFrames& frames, const KnownPacks& known);
  Result<> load_own_pack(const PackFrames& frames);
  Result<> load_root();
  Result<> load_segments(const PackFrames& frames);
  Result<> add_known(const KnownPacks& known);
  Result<> load_segment(const seal::BlobPlace& place, const PackFrames& frames);
  Result<seal::PackReader*> reader_of(std::uint32_t pack);
  std::uint32_t number_of(const PackPlace& pack);
  Result<const seal::CompartmentKeys*> keys_of(seal::Generation generation);

  const seal::KeyringBody& body_;
  PackFetcher& fetcher_;
  seal::SnapshotTree tree_;
  seal::TreeRoot root_;
  bool has_root_ = false;
  bool is_damaged_ = false;
  std::map<seal::Generation, seal::CompartmentKeys> keys_;
  std::vector<PackPlace> packs_;
  std::unordered_map<seal::PackId, std::uint32_t, IdHash> pack_numbers_;
  std::unordered_map<seal::BlobName, Location, IdHash> locations_;
  std::unordered_map<std::uint32_t, seal::PackReader> readers_;
};

}  // namespace amanat::phone
