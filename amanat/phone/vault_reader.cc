#include "amanat/phone/vault_reader.h"

#include <algorithm>
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
  if (snapshot_key == nullptr) return fail(Code::denied, "the snapshot's key is gone");
  auto snapshot = seal::open_snapshot((*commit)->snapshot, session.account(), *snapshot_key);
  if (!snapshot) return carry(snapshot);
  if (snapshot->device != head.device) return fail(Code::forged, "a snapshot of another device");
  return OpenSnapshot{.device = head.device, .snapshot = std::move(*snapshot)};
}

}  // namespace

Result<ByteView> PackFetcher::whole(const seal::PackId& pack, std::uint32_t frames) {
  const auto found = std::ranges::find(kept_, pack, &Kept::pack);
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return ByteView(kept_.front().bytes);
  }
  auto bytes = session_.link().get_pack(session_.device(), pack);
  if (!bytes) return carry(bytes);
  fetched_bytes_ += bytes->size();
  if (bytes->size() != seal::pack_size_of(frames) || seal::pack_id_of(*bytes) != pack) {
    return fail(Code::corrupt,
                "the custodian gave other bytes for pack " + pack.hex().substr(0, 8));
  }
  kept_.push_front({.pack = pack, .bytes = std::move(*bytes)});
  if (kept_.size() > kPacksKeptMax) kept_.pop_back();
  return ByteView(kept_.front().bytes);
}

Result<Bytes> PackFetcher::range(const seal::PackId& pack, std::uint64_t offset, std::size_t size) {
  auto bytes = session_.link().get_pack(session_.device(), pack, offset, size);
  if (bytes) fetched_bytes_ += bytes->size();
  return bytes;
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

Result<std::vector<OpenSnapshot>> read_snapshots(Session& session, const api::Heads& heads) {
  std::vector<OpenSnapshot> snapshots;
  for (const api::Heads::Commit& head : heads.commits) {
    if (head.snapshot_commit.empty()) continue;
    auto opened = open_commit(session, heads, head);
    if (!opened) {
      return carry(opened, "the snapshot of device " + head.device.hex().substr(0, 8));
    }
    snapshots.push_back(std::move(*opened));
  }
  return snapshots;
}

Result<std::unique_ptr<TreeReader>> TreeReader::open(const seal::KeyringBody& body,
                                                     PackFetcher& fetcher, const PackFrames& frames,
                                                     const seal::SnapshotTree& tree) {
  std::unique_ptr<TreeReader> reader(new TreeReader(body, fetcher, tree));
  if (auto loaded = reader->load(frames); !loaded) return carry(loaded);
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

Result<> TreeReader::load(const PackFrames& frames) {
  const auto known = frames.find(tree_.pack);
  if (known == frames.end()) {
    return fail(Code::not_found, "the custodian does not have the pack of the tree's root");
  }
  auto header = seal::read_pack_header(fetcher_.source(tree_.pack, known->second));
  if (!header) return carry(header);
  const std::uint32_t own =
      number_of({.id = tree_.pack, .frames = known->second, .generation = header->generation});
  auto reader = reader_of(own);
  if (!reader) return carry(reader);
  auto directory = (*reader)->directory();
  if (!directory) return carry(directory);
  for (const seal::PackEntry& entry : *directory) {
    locations_.emplace(entry.name, Location{.pack = own, .place = entry});
  }
  auto bytes = read(seal::BlobType::tree, tree_.root);
  if (!bytes) return carry(bytes, "reading the root of a tree");
  auto root = seal::TreeRoot::parse(*bytes);
  if (!root) return carry(root);
  root_ = std::move(*root);
  for (const seal::BlobPlace& segment : root_.segments) {
    if (auto loaded = load_segment(segment, frames); !loaded) return loaded;
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
