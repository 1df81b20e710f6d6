#include "amanat/seal/keyring.h"

#include <algorithm>

#include "amanat/codec/codec.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kMagic = "AMNTKEYR";
constexpr std::string_view kCommitContext = "amanat/keyring-commit/v1";
constexpr std::uint8_t kSuite = 1;
constexpr std::size_t kCommittedBytes = 32;  // of the header, before the salt

using Commitment = Key<struct KeyringCommitmentSecretTag, 32>;

// HKDF(KEK, salt, context || header[0..32))
Commitment commit(const KeyringHeader& header, const KeyringKey& key) {
  const Bytes fields = header.encode();
  return crypto::derive_key<Commitment>(
      key.expose(), header.salt.bytes(),
      {as_bytes(kCommitContext), ByteView(fields).first(kCommittedBytes)});
}

template <class Item, class Value, class Projection>
const Item* find_by(const std::vector<Item>& items, const Value& value, Projection projection) {
  const auto found = std::ranges::find(items, value, projection);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const GrantKey* KeyringGrant::key_of(Generation generation) const {
  const auto* found = find_by(keys, generation, &KeyringGrantKey::generation);
  return found == nullptr ? nullptr : &found->key;
}

const KeyringGrant* KeyringBody::find_grant(const consent::GrantId& id) const {
  return find_by(grants, id, &KeyringGrant::commitment);
}

const KeyringDevice* KeyringBody::find_device(const DeviceId& id) const {
  return find_by(devices, id, &KeyringDevice::id);
}

const KeyringCompartment* KeyringBody::find_compartment(const CompartmentId& id) const {
  return find_by(compartments, id, &KeyringCompartment::id);
}

const SnapshotKey* KeyringBody::find_snapshot_key(Generation wanted) const {
  const auto* found = find_by(snapshot_keys, wanted, &KeyringSnapshotKey::generation);
  return found == nullptr ? nullptr : &found->key;
}

KeyringBody KeyringBody::duplicate() const {
  const SecretBytes encoded = encode();
  auto copy = parse(encoded.expose());
  ensure(copy.has_value(), "a keyring that is duplicated is sound");
  return *std::move(copy);
}

Result<CompartmentKeys> compartment_keys(const KeyringBody& body, const CompartmentId& id,
                                         Generation generation) {
  const KeyringCompartment* compartment = body.find_compartment(id);
  if (compartment == nullptr) return fail(Code::not_found, "the keyring has no such compartment");
  std::vector<const GrantKey*> first;
  std::vector<const GrantKey*> current;
  CompartmentKeys keys;
  for (const consent::GrantId& grant_id : compartment->grants) {
    const KeyringGrant* grant = body.find_grant(grant_id);
    if (grant == nullptr) return fail(Code::not_found, "a grant of the compartment is unknown");
    if (grant->state != GrantState::given) {
      return fail(Code::denied, "the compartment is closed: a consent was withdrawn");
    }
    first.push_back(grant->first_key());
    current.push_back(grant->key_of(generation));
    if (current.back() == nullptr) {
      return fail(Code::not_found, "a grant has no key of this generation");
    }
    keys.decisions.push_back(grant->decision);
  }
  const CompartmentName name{id, compartment->purpose};
  keys.id = id;
  keys.generation = generation;
  keys.wrap = derive_wrap_key(name, generation, current);
  keys.name = derive_name_key(name, first);
  keys.chunk = derive_chunk_key(name, first);
  keys.cut = derive_cut_key(name, first);
  return keys;
}

Bytes KeyringHeader::encode() const {
  codec::Writer writer;
  writer.raw(kMagic);
  writer.u8(kSuite);
  writer.zeros(3);
  writer.u32(version);
  writer.raw(account.bytes());
  writer.raw(salt.bytes());
  writer.raw(commitment.bytes());
  return std::move(writer).take();
}

Result<KeyringHeader> KeyringHeader::parse(ByteView sealed) {
  if (sealed.size() > kSealedKeyringBytesMax) {
    return fail(Code::invalid_input, "sealed keyring: it is longer than 512 KiB");
  }
  codec::Reader reader(sealed);
  KeyringHeader header;
  reader.expect(kMagic, "it is no keyring");
  if (reader.u8() != kSuite) reader.refuse("the suite is unknown");
  reader.expect_zeros(3, "zeros follow the suite");
  header.version = reader.u32();
  if (header.version == 0) reader.refuse("versions count from 1");
  header.account = reader.id<AccountId>();
  header.salt = reader.id<decltype(header.salt)>();
  header.commitment = reader.id<decltype(header.commitment)>();
  if (reader.left() <= crypto::kXchachaOverhead) reader.refuse("nothing is sealed in it");
  if (auto done = reader.so_far("sealed keyring"); !done) return carry(done);
  return header;
}

Result<Bytes> seal_keyring(const KeyringBody& body, const KeyringKey& key) {
  KeyringHeader header;
  header.version = body.version;
  header.account = body.account;
  crypto::fill_random(header.salt.fill());
  const Commitment commitment = commit(header, key);
  std::ranges::copy(commitment.expose(), header.commitment.fill().begin());
  Bytes sealed = header.encode();
  ensure(sealed.size() == kKeyringHeaderBytes, "the header of a keyring is 96 bytes");
  const SecretBytes plain = body.encode();
  append(sealed,
         crypto::xchacha_seal(crypto::AeadKey::from(key.expose()).value(), sealed, plain.expose()));
  if (sealed.size() > kSealedKeyringBytesMax) {
    return fail(Code::invalid_input, "sealed keyring: it is longer than 512 KiB");
  }
  return sealed;
}

Result<KeyringBody> open_keyring(ByteView sealed, const KeyringKey& key) {
  const auto header = KeyringHeader::parse(sealed);
  if (!header) return carry(header);
  if (!equal_in_constant_time(commit(*header, key).expose(), header->commitment.bytes())) {
    return fail(Code::forged, "sealed keyring: it does not commit to this key");
  }
  auto plain =
      crypto::xchacha_open(crypto::AeadKey::from(key.expose()).value(),
                           sealed.first(kKeyringHeaderBytes), sealed.subspan(kKeyringHeaderBytes));
  if (!plain) return carry(plain, "sealed keyring");
  auto body = KeyringBody::parse(plain->expose());
  if (!body) return carry(body, "sealed keyring");
  if (body->version != header->version || body->account != header->account) {
    return fail(Code::invalid_input, "sealed keyring: header and body differ");
  }
  return body;
}

}  // namespace amanat::seal
