#include "amanat/seal/snapshot.h"

#include <algorithm>
#include <set>

#include "amanat/codec/codec.h"
#include "amanat/seal/read_each.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kContext = "amanat/snapshot/v1";
constexpr std::size_t kTreesBytesMax = std::size_t{1} << 15;
constexpr std::size_t kGenerationBytes = 2;

Bytes seal_aad(const AccountId& account, Generation generation) {
  codec::Writer writer;
  writer.raw(kContext);
  writer.raw(account.bytes());
  writer.u16(generation);
  return std::move(writer).take();
}

bool has_twice(const std::vector<SnapshotTree>& trees) {
  std::set<CompartmentId> seen;
  return !std::ranges::all_of(
      trees, [&](const SnapshotTree& tree) { return seen.insert(tree.compartment).second; });
}

}  // namespace

Bytes Snapshot::encode() const {
  codec::Writer inner;
  for (const SnapshotTree& tree : trees) {
    inner.raw(tree.compartment.bytes());
    inner.raw(tree.pack.bytes());
    inner.raw(tree.root.bytes());
  }
  codec::Writer writer;
  writer.raw(kContext);
  writer.raw(device.bytes());
  writer.u64(sequence);
  writer.raw(previous.bytes());
  writer.u64(millis_of(time));
  writer.vector16(inner.bytes(), kTreesBytesMax);
  return std::move(writer).take();
}

Result<Snapshot> Snapshot::parse(ByteView bytes) {
  codec::Reader reader(bytes);
  Snapshot snapshot;
  reader.expect(kContext, "it is no snapshot");
  snapshot.device = reader.id<DeviceId>();
  snapshot.sequence = reader.u64();
  snapshot.previous = reader.id<SnapshotHash>();
  snapshot.time = instant_from_millis(reader.u64());
  read_each(reader, reader.vector16(kTreesBytesMax), "trees", [&](codec::Reader& inner) {
    SnapshotTree tree;
    tree.compartment = inner.id<CompartmentId>();
    tree.pack = inner.id<PackId>();
    tree.root = inner.id<BlobName>();
    snapshot.trees.push_back(tree);
  });
  if (has_twice(snapshot.trees)) reader.refuse("a compartment has two trees");
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return snapshot;
}

Bytes seal_snapshot(const Snapshot& snapshot, const AccountId& account, Generation generation,
                    const SnapshotKey& key) {
  codec::Writer writer;
  writer.u16(generation);
  writer.raw(crypto::xchacha_seal(crypto::AeadKey::from(key.expose()).value(),
                                  seal_aad(account, generation), snapshot.encode()));
  return std::move(writer).take();
}

Result<Generation> snapshot_generation(ByteView sealed) {
  if (sealed.size() > kSealedSnapshotBytesMax) {
    return fail(Code::invalid_input, "sealed snapshot: it is longer than 64 KiB");
  }
  codec::Reader reader(sealed);
  const Generation generation = reader.u16();
  if (generation == 0) reader.refuse("generations count from 1");
  if (auto done = reader.so_far("sealed snapshot"); !done) return carry(done);
  return generation;
}

Result<Snapshot> open_snapshot(ByteView sealed, const AccountId& account, const SnapshotKey& key) {
  const auto generation = snapshot_generation(sealed);
  if (!generation) return carry(generation);
  auto plain =
      crypto::xchacha_open(crypto::AeadKey::from(key.expose()).value(),
                           seal_aad(account, *generation), sealed.subspan(kGenerationBytes));
  if (!plain) return carry(plain, "sealed snapshot");
  return Snapshot::parse(plain->expose());
}

}  // namespace amanat::seal
