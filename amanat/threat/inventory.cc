#include "amanat/threat/inventory.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>
#include <ranges>
#include <utility>

#include "amanat/codec/codec.h"
#include "amanat/threat/known_hashes.h"

namespace amanat::threat {
namespace {

constexpr std::string_view kMagic = "amanat/inventory/1";
constexpr std::size_t kBucketBytes = 1 + 4 + 8;
constexpr std::size_t kEntryBytes = 16 + 4 + 4 + 4;

Hashed role_of(std::uint8_t table) { return static_cast<Hashed>(table / kDigestKinds.size()); }

std::uint32_t read_count(codec::Reader& reader, std::size_t row_bytes) {
  const std::uint32_t count = reader.u32();
  if (count > reader.left() / row_bytes) reader.refuse("a count is more than there is");
  return reader.failed() ? 0 : count;
}

template <class Row>
bool is_strictly_ascending(const std::vector<Row>& rows) {
  return std::ranges::adjacent_find(rows, std::ranges::greater_equal()) == rows.end();
}

template <class Row>
void make_set(std::vector<Row>& rows) {
  std::ranges::sort(rows);
  rows.erase(std::ranges::unique(rows).begin(), rows.end());
}

}  // namespace

std::uint64_t first_eight(ByteView digest) {
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), std::min(digest.size(), sizeof(value)));
  return value;
}

Bytes Inventory::encode() const {
  codec::Writer writer;
  writer.raw(as_bytes(kMagic));
  writer.u8(is_unsure_ ? 1 : 0);
  writer.u32(static_cast<std::uint32_t>(buckets_.size()));
  for (const Bucket& bucket : buckets_) {
    writer.u8(bucket.table);
    writer.u32(bucket.size);
    writer.u64(bucket.sum);
  }
  writer.u32(static_cast<std::uint32_t>(any_size_.size()));
  for (const std::uint64_t digest : any_size_) writer.u64(digest);
  writer.u32(static_cast<std::uint32_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    writer.raw(entry.identity);
    writer.u8(static_cast<std::uint8_t>(entry.kind));
    writer.u8(entry.scope.target);
    writer.u8(entry.scope.container);
    writer.u8(entry.scope.asks_size ? 1 : 0);
    for (const std::uint32_t size : entry.scope.size) writer.u32(size);
  }
  return std::move(writer).take();
}

Result<Inventory> Inventory::parse(ByteView bytes) {
  if (bytes.size() > kInventoryBytesMax) {
    return fail(Code::invalid_input, "an inventory is larger than any database's");
  }
  codec::Reader reader(bytes);
  Inventory inventory;
  reader.expect(kMagic, "magic");
  const std::uint8_t unsure = reader.u8();
  if (unsure > 1) reader.refuse("is_unsure");
  inventory.is_unsure_ = unsure == 1;
  inventory.buckets_.resize(read_count(reader, kBucketBytes));
  for (Bucket& bucket : inventory.buckets_) {
    bucket.table = reader.u8();
    bucket.size = reader.u32();
    bucket.sum = reader.u64();
    if (bucket.table >= kHashedCount * kDigestKinds.size()) reader.refuse("table");
  }
  inventory.any_size_.resize(read_count(reader, sizeof(std::uint64_t)));
  for (std::uint64_t& digest : inventory.any_size_) digest = reader.u64();
  inventory.entries_.resize(read_count(reader, kEntryBytes));
  for (Entry& entry : inventory.entries_) {
    std::ranges::copy(reader.raw(entry.identity.size()), entry.identity.begin());
    const std::uint8_t kind = reader.u8();
    if (kind > static_cast<std::uint8_t>(Kind::member)) reader.refuse("kind");
    entry.kind = static_cast<Kind>(kind);
    entry.scope.target = reader.u8();
    entry.scope.container = reader.u8();
    const std::uint8_t asks = reader.u8();
    if (asks > 1) reader.refuse("asks_size");
    entry.scope.asks_size = asks == 1;
    for (std::uint32_t& size : entry.scope.size) size = reader.u32();
  }
  const auto same_bucket = [](const Bucket& a, const Bucket& b) {
    return std::pair(a.table, a.size) >= std::pair(b.table, b.size);
  };
  if (std::ranges::adjacent_find(inventory.buckets_, same_bucket) != inventory.buckets_.end()
      || !is_strictly_ascending(inventory.any_size_)
      || !is_strictly_ascending(inventory.entries_)) {
    reader.refuse("order");
  }
  if (auto done = reader.finish("inventory of signatures"); !done) return carry(done);
  return inventory;
}

const Inventory::Bucket* Inventory::find(const std::vector<Bucket>& buckets, const Bucket& like) {
  const auto key = [](const Bucket& bucket) { return std::pair(bucket.table, bucket.size); };
  const auto found = std::ranges::lower_bound(buckets, key(like), {}, key);
  return found != buckets.end() && key(*found) == key(like) ? &*found : nullptr;
}

void Inventory::note_gained(const Bucket& bucket, SignatureDelta& delta) {
  switch (role_of(bucket.table)) {
    case Hashed::object:
      if (bucket.size != 0) {
        delta.sizes.push_back(bucket.size);
      } else if (kDigestKinds.at(bucket.table % kDigestKinds.size())
                 != crypto::DigestKind::sha256) {
        delta.everything = true;  // of what lies in files no such digests are known
      }
      break;
    case Hashed::section:
      if (bucket.size != 0) delta.section_sizes.push_back(bucket.size);
      if (bucket.size == 0) delta.any_section = true;
      break;
    case Hashed::imports: delta.imports = true; break;
    case Hashed::allowed: break;
  }
}

void Inventory::note_gained(const Entry& entry, SignatureDelta& delta) {
  auto& scopes = entry.kind == Kind::member ? delta.members : delta.bodies;
  scopes.push_back(entry.scope);
}

SignatureDelta compare(const Inventory& before, const Inventory& after) {
  using Entry = Inventory::Entry;
  SignatureDelta delta;
  delta.everything = before.is_unsure_ || after.is_unsure_;
  for (const auto& bucket : after.buckets_) {
    const auto* known = Inventory::find(before.buckets_, bucket);
    if (known == nullptr || known->sum != bucket.sum) Inventory::note_gained(bucket, delta);
  }
  for (const auto& bucket : before.buckets_) {
    if (role_of(bucket.table) != Hashed::allowed) continue;
    const auto* known = Inventory::find(after.buckets_, bucket);
    if (known == nullptr || known->sum != bucket.sum) delta.fewer_allowed = true;
  }
  std::ranges::set_difference(after.any_size_, before.any_size_, std::back_inserter(delta.digests));
  std::vector<Entry> changed;
  std::ranges::set_symmetric_difference(before.entries_, after.entries_,
                                        std::back_inserter(changed));
  for (const Entry& entry : changed) {
    const bool is_new = std::ranges::binary_search(after.entries_, entry);
    if (is_new || entry.kind == Inventory::Kind::macro) Inventory::note_gained(entry, delta);
  }
  make_set(delta.sizes);
  make_set(delta.section_sizes);
  make_set(delta.bodies);
  make_set(delta.members);
  return delta;
}

}  // namespace amanat::threat
