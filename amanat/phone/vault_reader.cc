#include "amanat/phone/vault_reader.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "amanat/seal/commit.h"
#include "amanat/seal/statement.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kPacksKeptMax = 4;
constexpr unsigned kReadsBeforeWhole = 8;
constexpr std::uint32_t kSmallPackFrames = 16;
constexpr std::size_t kInventoryPagesMax = 100'000;

/// The key of a device that our keyring knows, now or from before it was removed.
Result<crypto::PublicKey> key_of_device(const seal::KeyringBody& body, const api::Heads& heads,
                                        const seal::DeviceId& device) {
  if (const auto* known = body.find_device(device)) return known->device_key;
  const bool has_compartment =
      std::ranges::find(body.compartments, device, &seal::KeyringCompartment::device)
      != body.compartments.end();
  const auto listed = std::ranges::find(heads.devices, device, &api::Heads::Device::device);
  if (!has_compartment || listed == heads.devices.end()) {
    return fail(Code::not_found, "no key of a device that the keyring knows");
  }
  auto key = crypto::PublicKey::from(listed->device_key);
  if (!key) return carry(key);
  if (seal::device_id_of(*key) != device) {
    return fail(Code::forged, "the custodian names another key for a device");
  }
  return key;
}

Result<OpenSnapshot> open_commit(Session& session, const api::Heads& heads,
                                 const api::Heads::Commit& head) {
  const seal::KeyringBody& body = session.keyring().body;
  auto key = key_of_device(body, heads, head.device);
  if (!key) return carry(key);
  auto statement = seal::Statement<seal::Commit>::parse(head.snapshot_commit);
  if (!statement) return carry(statement);
  auto commit = statement->verify(*key);
  if (!commit) return carry(commit);
  if ((*commit)->account != session.account() || (*commit)->device != head.device) {
    return fail(Code::forged, "the custodian gives out a commit of another account or device");
  }
  auto generation = seal::snapshot_generation((*commit)->snapshot);
  if (!generation) return carry(generation);
  const seal::SnapshotKey* snapshot_key = body.find_snapshot_key(*generation);
  if (snapshot_key == nullptr) return fail(Code::stale, "the snapshot's key is gone");
  auto snapshot = seal::open_snapshot((*commit)->snapshot, session.account(), *snapshot_key);
  if (!snapshot) return carry(snapshot);
  if (snapshot->device != head.device) return fail(Code::forged, "a snapshot of another device");
  if (head.device == session.device_id()) {
    const auto stored = session.records().number_fact(fact::kSnapshotSequence);
    if (!stored) return carry(stored);
    if (snapshot->sequence < stored->value_or(0)) {
      return fail(Code::forged, "the custodian gives out an older state than this phone stored");
    }
  }
  return OpenSnapshot{.device = head.device, .snapshot = std::move(*snapshot)};
}

}  // namespace

Result<ByteView> PackFetcher::whole(const seal::PackId& pack, std::uint32_t frames) {
  const auto found = std::ranges::find(kept_, pack, &Kept::pack);
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return ByteView(kept_.front().bytes);
  }
  auto bytes = fetch(pack, 0, 0);
  if (!bytes) return carry(bytes);
  if (bytes->size() != seal::pack_size_of(frames)) {
    return fail(Code::corrupt,
                "the custodian gave another size for pack " + pack.hex().substr(0, 8));
  }
  kept_.push_front({.pack = pack, .bytes = std::move(*bytes)});
  if (kept_.size() > kPacksKeptMax) kept_.pop_back();
  return ByteView(kept_.front().bytes);
}

Result<Bytes> PackFetcher::range(const seal::PackId& pack, std::uint64_t offset, std::size_t size) {
  return fetch(pack, offset, size);
}

Result<Bytes> PackFetcher::fetch(const seal::PackId& pack, std::uint64_t offset, std::size_t size) {
  if (const auto lost = lost_.find(pack); lost != lost_.end()) return std::unexpected(lost->second);
  auto bytes = session_.link().get_pack(session_.device(), pack, offset, size);
  if (bytes) {
    fetched_bytes_ += bytes->size();
    return bytes;
  }
  if (bytes.error().code != Code::corrupt && bytes.error().code != Code::not_found) return bytes;
  const Error why{.code = Code::corrupt,
                  .message = "the custodian has lost pack " + pack.hex().substr(0, 8)};
  return std::unexpected(lost_.emplace(pack, why).first->second);
}

seal::PackSource PackFetcher::source(const seal::PackId& pack, std::uint32_t frames) {
  return {.frames = frames,
          .read = [this, pack, frames](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
            const bool is_kept = std::ranges::find(kept_, pack, &Kept::pack) != kept_.end();
            if (!is_kept && frames > kSmallPackFrames && ++reads_[pack] <= kReadsBeforeWhole) {
              return range(pack, offset, size);
            }
            auto bytes = whole(pack, frames);
            if (!bytes) return carry(bytes);
            if (offset > bytes->size() || size > bytes->size() - offset) {
              return fail(Code::invalid_input, "a read leaves its pack");
            }
            const ByteView part = bytes->subspan(static_cast<std::size_t>(offset), size);
            return Bytes(part.begin(), part.end());
          }};
}

Result<PackFrames> read_pack_frames(Session& session) {
  PackFrames frames;
  std::optional<seal::PackId> after;
  for (std::size_t page = 0; page < kInventoryPagesMax; ++page) {
    auto inventory = session.link().inventory(session.device(), after);
    if (!inventory) return carry(inventory);
    for (const api::Inventory::Pack& pack : inventory->packs) {
      frames.emplace(pack.id, std::clamp<std::uint32_t>(pack.frames, 1, seal::kFramesMax));
    }
    if (!inventory->next || inventory->packs.empty()) return frames;
    after = inventory->next;
  }
  return fail(Code::invalid_input, "the custodian's inventory does not end");
}

namespace {

/// The snapshot of the device that the newest key before a missing one opens. Keys are missing when
/// the vault went back to older words (docs/format.md §11.3).
Result<std::optional<OpenSnapshot>> open_older_commit(Session& session,
                                                      const seal::DeviceId& device) {
  const seal::KeyringBody& body = session.keyring().body;
  for (const seal::KeyringSnapshotKey& known : body.snapshot_keys | std::views::reverse) {
    if (known.generation == body.generation) continue;  // of it the newest would have been
    auto heads = session.link().heads(session.device(), known.generation);
    if (!heads) return carry(heads);
    const auto older = std::ranges::find(heads->commits, device, &api::Heads::Commit::device);
    if (older == heads->commits.end() || older->snapshot_commit.empty()) break;
    auto opened = open_commit(session, *heads, *older);
    if (opened) return std::optional(std::move(*opened));
    if (opened.error().code != Code::stale) return carry(opened);
  }
  return std::optional<OpenSnapshot>();
}

}  // namespace

Result<std::vector<OpenSnapshot>> read_snapshots(Session& session, const api::Heads& heads) {
  std::vector<OpenSnapshot> snapshots;
  for (const api::Heads::Commit& head : heads.commits) {
    if (head.snapshot_commit.empty()) continue;
    auto opened = open_commit(session, heads, head);
    if (!opened && opened.error().code == Code::stale) {
      auto older = open_older_commit(session, head.device);
      if (!older) return carry(older, "an older snapshot of a device");
      if (!*older) continue;  // it sealed nothing that these keys open
      opened = std::move(**older);
    }
    if (!opened) {
      return carry(opened, "the snapshot of device " + head.device.hex().substr(0, 8));
    }
    snapshots.push_back(std::move(*opened));
  }
  return snapshots;
}

Result<std::unique_ptr<TreeReader>> TreeReader::open(const seal::KeyringBody& body,
                                                     PackFetcher& fetcher, const PackFrames& frames,
                                                     const seal::SnapshotTree& tree,
                                                     const KnownPacks& known) {
  std::unique_ptr<TreeReader> reader(new TreeReader(body, fetcher, tree));
  if (auto loaded = reader->load(frames, known); !loaded) return carry(loaded);
  return reader;
}

Result<const seal::CompartmentKeys*> TreeReader::keys_of(seal::Generation generation) {
  const auto found = keys_.find(generation);
  if (found != keys_.end()) return &found->second;
  auto keys = seal::compartment_keys(body_, tree_.compartment, generation);
  if (!keys) return carry(keys);
  return &keys_.emplace(generation, std::move(*keys)).first->second;
}

std::uint32_t TreeReader::number_of(const PackPlace& pack) {
  const auto number = static_cast<std::uint32_t>(packs_.size());
  const auto [found, is_new] = pack_numbers_.try_emplace(pack.id, number);
  if (is_new) packs_.push_back(pack);
  return found->second;
}

Result<seal::PackReader> TreeReader::open_pack(const PackPlace& pack, seal::PackSource source) {
  auto keys = keys_of(pack.generation);
  if (!keys) return carry(keys);
  return seal::PackReader::open(std::move(source), seal::access_of(**keys));
}

Result<seal::PackReader*> TreeReader::reader_of(std::uint32_t pack) {
  const auto found = readers_.find(pack);
  if (found != readers_.end()) return &found->second;
  const PackPlace& place = packs_[pack];
  auto reader = open_pack(place, fetcher_.source(place.id, place.frames));
  if (!reader) return carry(reader);
  return &readers_.emplace(pack, std::move(*reader)).first->second;
}

Result<> TreeReader::load(const PackFrames& frames, const KnownPacks& known) {
  // A compartment that a withdrawal closed is no damage.
  if (auto keys = keys_of(body_.generation); !keys && keys.error().code == Code::denied) {
    return carry(keys);
  }
  const auto is_final = [](const Result<>& result) {
    return result.error().code == Code::unavailable || result.error().code == Code::denied;
  };
  auto done = load_own_pack(frames);
  if (done) done = load_root();
  if (!done && is_final(done)) return done;
  if (!done) {
    is_damaged_ = true;
    if (!known) return done;
    if (auto added = add_known(known); !added) return added;
    auto again = load_root();
    if (!again && is_final(again)) return again;
    if (!again && packs_.empty()) return done;
  }
  if (auto loaded = load_segments(frames); !loaded) return loaded;
  if (!is_damaged_ || !known) return {};
  return add_known(known);
}

Result<> TreeReader::load_own_pack(const PackFrames& frames) {
  const auto listed = frames.find(tree_.pack);
  if (listed == frames.end()) {
    return fail(Code::not_found, "the custodian does not have the pack of the tree's root");
  }
  auto header = seal::read_pack_header(fetcher_.source(tree_.pack, listed->second));
  if (!header) return carry(header);
  const std::uint32_t own =
      number_of({.id = tree_.pack, .frames = listed->second, .generation = header->generation});
  auto reader = reader_of(own);
  if (!reader) return carry(reader);
  auto directory = (*reader)->directory();
  if (!directory) return carry(directory);
  for (const seal::PackEntry& entry : *directory) {
    locations_.emplace(entry.name, Location{.pack = own, .place = entry});
  }
  return {};
}

Result<> TreeReader::load_root() {
  auto bytes = read(seal::BlobType::tree, tree_.root);
  if (!bytes) return carry(bytes, "reading the root of a tree");
  auto root = seal::TreeRoot::parse(*bytes);
  if (!root) return carry(root);
  root_ = std::move(*root);
  has_root_ = true;
  return {};
}

Result<> TreeReader::load_segments(const PackFrames& frames) {
  for (const seal::BlobPlace& segment : root_.segments) {
    auto loaded = load_segment(segment, frames);
    if (!loaded && loaded.error().code == Code::unavailable) return loaded;
    if (!loaded) is_damaged_ = true;
  }
  return {};
}

Result<> TreeReader::add_known(const KnownPacks& known) {
  auto packs = known();
  if (!packs) return carry(packs);
  for (const seal::IndexedPack& pack : *packs) {
    const std::uint32_t number = number_of(
        {.id = pack.pack.id, .frames = pack.pack.frames, .generation = pack.pack.generation});
    for (const seal::PackEntry& entry : pack.entries) {
      locations_.emplace(entry.name, Location{.pack = number, .place = entry});
    }
  }
  return {};
}

Result<> TreeReader::load_segment(const seal::BlobPlace& place, const PackFrames& frames) {
  std::optional<Bytes> bytes;
  if (place.pack.is_zero() || place.pack == tree_.pack) {
    auto read_here = read(seal::BlobType::index, place.name);
    if (!read_here) return carry(read_here, "reading an index segment");
    bytes = std::move(*read_here);
  } else {
    const auto known = frames.find(place.pack);
    if (known == frames.end()) return fail(Code::not_found, "a pack with an index is gone");
    auto header = seal::read_pack_header(fetcher_.source(place.pack, known->second));
    if (!header) return carry(header);
    const std::uint32_t number =
        number_of({.id = place.pack, .frames = known->second, .generation = header->generation});
    auto reader = reader_of(number);
    if (!reader) return carry(reader);
    auto directory = (*reader)->directory();
    if (!directory) return carry(directory);
    const auto entry = std::ranges::find(*directory, place.name, &seal::PackEntry::name);
    if (entry == directory->end())
      return fail(Code::corrupt, "an index segment is not in its pack");
    auto read_there = (*reader)->read_blob(*entry);
    if (!read_there) return carry(read_there, "reading an index segment");
    bytes = std::move(*read_there);
  }
  auto segment = seal::IndexSegment::parse(*bytes);
  if (!segment) return carry(segment);
  std::vector<std::uint32_t> numbers;
  for (const seal::IndexPack& pack : segment->packs) {
    numbers.push_back(
        number_of({.id = pack.id, .frames = pack.frames, .generation = pack.generation}));
  }
  for (const seal::IndexEntry& entry : segment->entries) {
    locations_.emplace(entry.place.name,
                       Location{.pack = numbers[entry.pack], .place = entry.place});
  }
  return {};
}

const TreeReader::Location* TreeReader::find(const seal::BlobName& name) const {
  const auto found = locations_.find(name);
  return found == locations_.end() ? nullptr : &found->second;
}

Result<Bytes> TreeReader::read(seal::BlobType type, const seal::BlobName& name) {
  const Location* location = find(name);
  if (location == nullptr)
    return fail(Code::not_found, "a blob is in no pack that the index names");
  if (location->place.type != type) return fail(Code::invalid_input, "a blob of another type");
  auto reader = reader_of(location->pack);
  if (!reader) return carry(reader);
  return (*reader)->read_blob(location->place);
}

}  // namespace amanat::phone
