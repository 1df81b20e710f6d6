#include <algorithm>
#include <set>
#include <tuple>

#include "amanat/codec/codec.h"
#include "amanat/seal/keyring.h"
#include "amanat/seal/object.h"
#include "amanat/seal/read_each.h"
#include "amanat/seal/secret_writer.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kContext = "amanat/keyring-body/v1";
constexpr std::size_t kFixedBytes = kContext.size() + 4 + 16 + 32 + 2 + 3 * 32 + 2 + 2 + 4 + 4 + 2;
constexpr std::size_t kKeyBytes = 34;
constexpr std::size_t kDeviceBytes = 80;
constexpr std::size_t kGrantBytes = 3 + 3 * 32 + 8 + 2;
constexpr std::size_t kCompartmentBytes = 16 + 32 + 1 + 2;
constexpr std::size_t kGrantsBytesMax = std::size_t{1} << 18;
constexpr std::size_t kCompartmentsBytesMax = std::size_t{1} << 18;
constexpr std::size_t kCompartmentGrantsBytesMax = kObjectGrantsMax * consent::GrantId::kSize;

std::size_t size_of(const std::vector<KeyringGrant>& grants) {
  std::size_t size = 0;
  for (const KeyringGrant& grant : grants) size += kGrantBytes + grant.keys.size() * kKeyBytes;
  return size;
}

std::size_t size_of(const std::vector<KeyringCompartment>& compartments) {
  std::size_t size = 0;
  for (const KeyringCompartment& compartment : compartments) {
    size += kCompartmentBytes + compartment.grants.size() * consent::GrantId::kSize;
  }
  return size;
}

auto order_of(const KeyringGrant& grant) {
  return std::tuple(grant.category, grant.purpose, grant.commitment);
}

// Indices of `items` in ascending order: bodies are made of secrets and are not moved for sorting.
template <class Item, class Order>
std::vector<const Item*> sorted(const std::vector<Item>& items, Order order) {
  std::vector<const Item*> pointers;
  for (const Item& item : items) pointers.push_back(&item);
  std::ranges::sort(pointers, {}, [&](const Item* item) { return order(*item); });
  return pointers;
}

void write_grant(SecretWriter& writer, const KeyringGrant& grant) {
  writer.u8(consent::to_byte(grant.category));
  writer.u8(consent::to_byte(grant.purpose));
  writer.u8(static_cast<std::uint8_t>(grant.state));
  writer.raw(grant.consent_seed.expose());
  writer.raw(grant.commitment.bytes());
  writer.raw(grant.decision.bytes());
  writer.u64(millis_of(grant.valid_until));
  writer.size16(grant.keys.size() * kKeyBytes);
  for (const KeyringGrantKey& key : grant.keys) {
    writer.u16(key.generation);
    writer.raw(key.key.expose());
  }
}

void write_compartment(SecretWriter& writer, const KeyringCompartment& compartment) {
  writer.raw(compartment.id.bytes());
  writer.raw(compartment.device.bytes());
  writer.u8(consent::to_byte(compartment.purpose));
  writer.size16(compartment.grants.size() * consent::GrantId::kSize);
  for (const consent::GrantId& grant : compartment.grants) writer.raw(grant.bytes());
}

// Reads (generation, key) pairs that ascend and stay at or below `newest`.
template <class Item, class KeyType>
void read_keys(codec::Reader& reader, ByteView bytes, Generation newest, std::vector<Item>& into) {
  read_each(reader, bytes, "keys", [&](codec::Reader& inner) {
    Item item;
    item.generation = inner.u16();
    if (item.generation == 0 || item.generation > newest) inner.refuse("a generation is unknown");
    if (!into.empty() && into.back().generation >= item.generation) {
      inner.refuse("generations do not ascend");
    }
    item.key = inner.key<KeyType>();
    into.push_back(std::move(item));
  });
}

void read_devices(codec::Reader& reader, KeyringBody& body) {
  std::set<crypto::PublicKey> seen;
  read_each(reader, reader.vector16(), "devices", [&](codec::Reader& inner) {
    KeyringDevice device;
    device.device_key = inner.id<crypto::PublicKey>();
    if (!seen.insert(device.device_key).second) inner.refuse("a device stands twice");
    device.label_key = inner.key<LabelKey>();
    device.added_at = instant_from_millis(inner.u64());
    device.next_label = inner.u64();
    body.devices.push_back(std::move(device));
  });
  if (body.devices.empty()) reader.refuse("there is no device");
}

GrantState read_state(codec::Reader& reader) {
  const std::uint8_t byte = reader.u8();
  if (byte != 1 && byte != 2) reader.refuse("a grant's state is unknown");
  return static_cast<GrantState>(byte);
}

KeyringGrant read_grant(codec::Reader& reader, Generation newest) {
  KeyringGrant grant;
  grant.category = read_registered(reader, consent::category_from_byte);
  grant.purpose = read_registered(reader, consent::purpose_from_byte);
  grant.state = read_state(reader);
  grant.consent_seed = reader.key<crypto::SigningSeed>();
  grant.commitment = reader.id<consent::GrantId>();
  grant.decision = reader.id<consent::DecisionHash>();
  grant.valid_until = instant_from_millis(reader.u64());
  read_keys<KeyringGrantKey, GrantKey>(reader, reader.vector16(), newest, grant.keys);
  if (grant.keys.empty() == (grant.state == GrantState::given)) {
    reader.refuse("a grant has keys while it is given, and then none");
  }
  return grant;
}

void read_grants(codec::Reader& reader, KeyringBody& body) {
  std::set<std::pair<consent::Category, consent::Purpose>> given;
  read_each(reader, reader.vector32(kGrantsBytesMax), "grants", [&](codec::Reader& inner) {
    KeyringGrant grant = read_grant(inner, body.generation);
    if (!body.grants.empty() && order_of(body.grants.back()) >= order_of(grant)) {
      inner.refuse("grants do not ascend");
    }
    if (grant.state == GrantState::given && !given.insert({grant.category, grant.purpose}).second) {
      inner.refuse("two grants for the same are given");
    }
    body.grants.push_back(std::move(grant));
  });
}

// A compartment names known grants of its own purpose, one for each category, in registry order.
bool fits(const KeyringBody& body, const KeyringCompartment& compartment) {
  const KeyringGrant* before = nullptr;
  for (const consent::GrantId& id : compartment.grants) {
    const KeyringGrant* grant = body.find_grant(id);
    if (grant == nullptr || grant->purpose != compartment.purpose) return false;
    if (before != nullptr && before->category >= grant->category) return false;
    before = grant;
  }
  return before != nullptr;
}

void read_compartments(codec::Reader& reader, KeyringBody& body) {
  const ByteView bytes = reader.vector32(kCompartmentsBytesMax);
  read_each(reader, bytes, "compartments", [&](codec::Reader& inner) {
    KeyringCompartment compartment;
    compartment.id = inner.id<CompartmentId>();
    compartment.device = inner.id<DeviceId>();
    compartment.purpose = read_registered(inner, consent::purpose_from_byte);
    read_each(inner, inner.vector16(kCompartmentGrantsBytesMax), "grants", [&](codec::Reader& ids) {
      compartment.grants.push_back(ids.id<consent::GrantId>());
    });
    if (!body.compartments.empty() && body.compartments.back().id >= compartment.id) {
      inner.refuse("compartments do not ascend");
    }
    if (!fits(body, compartment)) inner.refuse("a compartment's grants do not fit it");
    body.compartments.push_back(std::move(compartment));
  });
}

}  // namespace

SecretBytes KeyringBody::encode() const {
  const std::size_t grants_size = size_of(grants);
  const std::size_t compartments_size = size_of(compartments);
  SecretWriter writer(kFixedBytes + snapshot_keys.size() * kKeyBytes + devices.size() * kDeviceBytes
                      + grants_size + compartments_size + guardians.size());
  writer.raw(kContext);
  writer.u32(version);
  writer.raw(account.bytes());
  writer.raw(previous.bytes());
  writer.u16(generation);
  writer.raw(vault_key.expose());
  writer.raw(recovery_key.expose());
  writer.raw(phrase_key.bytes());
  writer.size16(snapshot_keys.size() * kKeyBytes);
  for (const KeyringSnapshotKey& key : snapshot_keys) {
    writer.u16(key.generation);
    writer.raw(key.key.expose());
  }
  writer.size16(devices.size() * kDeviceBytes);
  for (const KeyringDevice& device : devices) {
    writer.raw(device.device_key.bytes());
    writer.raw(device.label_key.expose());
    writer.u64(millis_of(device.added_at));
    writer.u64(device.next_label);
  }
  writer.size32(grants_size, kGrantsBytesMax);
  for (const KeyringGrant* grant : sorted(grants, order_of)) write_grant(writer, *grant);
  writer.size32(compartments_size, kCompartmentsBytesMax);
  const auto by_id = [](const KeyringCompartment& compartment) { return compartment.id; };
  for (const auto* compartment : sorted(compartments, by_id)) {
    write_compartment(writer, *compartment);
  }
  writer.size16(guardians.size());
  writer.raw(guardians);
  return std::move(writer).take();
}

Result<KeyringBody> KeyringBody::parse(ByteView bytes) {
  codec::Reader reader(bytes);
  KeyringBody body;
  reader.expect(kContext, "it is no keyring body");
  body.version = reader.u32();
  if (body.version == 0) reader.refuse("versions count from 1");
  body.account = reader.id<AccountId>();
  body.previous = reader.id<KeyringHash>();
  if ((body.version == 1) != body.previous.is_zero()) {
    reader.refuse("the first version alone follows none");
  }
  body.generation = reader.u16();
  if (body.generation == 0) reader.refuse("generations count from 1");
  body.vault_key = reader.key<VaultKey>();
  body.recovery_key = reader.key<RecoveryKey>();
  body.phrase_key = reader.id<crypto::PublicKey>();
  read_keys<KeyringSnapshotKey, SnapshotKey>(reader, reader.vector16(), body.generation,
                                             body.snapshot_keys);
  if (body.snapshot_keys.empty()) reader.refuse("there is no snapshot key");
  read_devices(reader, body);
  read_grants(reader, body);
  read_compartments(reader, body);
  const ByteView guardians = reader.vector16();
  body.guardians.assign(guardians.begin(), guardians.end());
  if (auto done = reader.finish("keyring body"); !done) return carry(done);
  return body;
}

}  // namespace amanat::seal
