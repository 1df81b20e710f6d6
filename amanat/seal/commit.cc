#include "amanat/seal/commit.h"

#include <algorithm>

#include "amanat/codec/codec.h"
#include "amanat/seal/read_each.h"
#include "amanat/seal/snapshot.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kContext = "amanat/vault-commit/v1";
constexpr std::string_view kHeadContext = "amanat/vault-head/v1";
constexpr std::size_t kAddedBytesMax = kCommitPacksMax * 36;
constexpr std::size_t kRetiredBytesMax = kCommitRetiredMax * PackId::kSize;

Bytes encode_added(const std::vector<AddedPack>& added) {
  codec::Writer writer;
  for (const AddedPack& pack : added) {
    writer.raw(pack.pack.bytes());
    writer.u32(pack.frames);
  }
  return std::move(writer).take();
}

AddedPack read_added(codec::Reader& reader) {
  AddedPack pack;
  pack.pack = reader.id<PackId>();
  pack.frames = reader.u32();
  if (pack.frames < 1 || pack.frames > kFramesMax) reader.refuse("a pack has 1 to 256 frames");
  return pack;
}

// Whether a pack stands twice among those added and retired.
bool has_twice(const Commit& commit) {
  std::vector<PackId> all = commit.retired;
  for (const AddedPack& pack : commit.added) all.push_back(pack.pack);
  std::ranges::sort(all);
  return std::ranges::adjacent_find(all) != all.end();
}

}  // namespace

Bytes Commit::encode() const {
  Bytes retired_bytes;
  for (const PackId& pack : retired) append(retired_bytes, pack.bytes());
  codec::Writer writer;
  writer.raw(kContext);
  writer.raw(account.bytes());
  writer.raw(device.bytes());
  writer.u64(sequence);
  writer.raw(previous.bytes());
  writer.u32(keyring_version);
  writer.raw(keyring.bytes());
  writer.vector16(encode_added(added), kAddedBytesMax);
  writer.vector32(retired_bytes, kRetiredBytesMax);
  writer.vector32(snapshot, kSealedSnapshotBytesMax);
  writer.u64(millis_of(time));
  return std::move(writer).take();
}

Result<Commit> Commit::parse(ByteView body) {
  codec::Reader reader(body);
  Commit commit;
  reader.expect(kContext, "it is no commit");
  commit.account = reader.id<AccountId>();
  commit.device = reader.id<DeviceId>();
  commit.sequence = reader.u64();
  commit.previous = reader.id<CommitHash>();
  if (commit.sequence == 0) reader.refuse("commits count from 1");
  if ((commit.sequence == 1) != commit.previous.is_zero()) {
    reader.refuse("the first commit alone follows none");
  }
  commit.keyring_version = reader.u32();
  if (commit.keyring_version == 0) reader.refuse("keyrings count from 1");
  commit.keyring = reader.id<KeyringHash>();
  read_each(reader, reader.vector16(kAddedBytesMax), "added packs",
            [&](codec::Reader& inner) { commit.added.push_back(read_added(inner)); });
  read_each(reader, reader.vector32(kRetiredBytesMax), "retired packs",
            [&](codec::Reader& inner) { commit.retired.push_back(inner.id<PackId>()); });
  if (has_twice(commit)) reader.refuse("a pack is named twice");
  const ByteView snapshot = reader.vector32(kSealedSnapshotBytesMax);
  commit.snapshot.assign(snapshot.begin(), snapshot.end());
  commit.time = instant_from_millis(reader.u64());
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return commit;
}

EventCommitment vault_head_commitment(std::uint32_t keyring_version, const KeyringHash& keyring,
                                      std::vector<DeviceHead> heads) {
  std::ranges::sort(heads, {}, &DeviceHead::device);
  codec::Writer writer;
  writer.raw(kHeadContext);
  writer.u32(keyring_version);
  writer.raw(keyring.bytes());
  for (const DeviceHead& head : heads) {
    writer.raw(head.device.bytes());
    writer.raw(head.commit.bytes());
  }
  return hash_as<EventCommitment>(writer.bytes());
}

crypto::Hash vault_head_link(const VaultKey& key, std::uint64_t step) {
  codec::Writer writer;
  writer.u64(step);
  return crypto::hmac_sha256(key.expose(), {writer.bytes()});
}

}  // namespace amanat::seal
