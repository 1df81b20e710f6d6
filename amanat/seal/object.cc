#include "amanat/seal/object.h"

#include "amanat/codec/codec.h"
#include "amanat/seal/read_each.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kObjectContext = "amanat/object/v1";
constexpr std::string_view kTombstoneContext = "amanat/tombstone/v1";
constexpr std::string_view kErasureContext = "amanat/erasure-receipt/v1";
constexpr std::size_t kGrantBytes = 33;

Bytes encode_grants(const std::vector<ObjectGrant>& grants) {
  codec::Writer writer;
  for (const ObjectGrant& grant : grants) {
    writer.u8(consent::to_byte(grant.category));
    writer.raw(grant.commitment.bytes());
  }
  return std::move(writer).take();
}

std::vector<ObjectGrant> read_grants(codec::Reader& reader) {
  std::vector<ObjectGrant> grants;
  const ByteView bytes = reader.vector16(kObjectGrantsMax * kGrantBytes);
  read_each(reader, bytes, "grants", [&](codec::Reader& inner) {
    ObjectGrant grant;
    grant.category = read_registered(inner, consent::category_from_byte);
    grant.commitment = inner.id<consent::GrantId>();
    if (!grants.empty() && grants.back().category >= grant.category) {
      inner.refuse("grants are not in registry order, one each");
    }
    grants.push_back(grant);
  });
  if (grants.empty()) reader.refuse("there is no grant");
  return grants;
}

}  // namespace

Bytes Object::encode() const {
  codec::Writer writer;
  writer.raw(kObjectContext);
  writer.raw(pack.bytes());
  writer.u32(frames);
  writer.u8(consent::to_byte(purpose));
  writer.raw(compartment.bytes());
  writer.u16(generation);
  writer.vector16(encode_grants(grants), kObjectGrantsMax * kGrantBytes);
  writer.u32(sealed_minute);
  return std::move(writer).take();
}

Result<Object> Object::parse(ByteView body) {
  codec::Reader reader(body);
  reader.expect(kObjectContext, "it is no object statement");
  Object object;
  object.pack = reader.id<PackId>();
  object.frames = reader.u32();
  if (object.frames < 1 || object.frames > kFramesMax) reader.refuse("a pack has 1 to 256 frames");
  object.purpose = read_registered(reader, consent::purpose_from_byte);
  object.compartment = reader.id<CompartmentId>();
  object.generation = reader.u16();
  if (object.generation == 0) reader.refuse("generations count from 1");
  object.grants = read_grants(reader);
  object.sealed_minute = reader.u32();
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return object;
}

Bytes Tombstone::encode() const {
  codec::Writer writer;
  writer.raw(kTombstoneContext);
  writer.raw(pack.bytes());
  writer.raw(store.bytes());
  writer.u64(millis_of(retired_at));
  return std::move(writer).take();
}

Result<Tombstone> Tombstone::parse(ByteView body) {
  codec::Reader reader(body);
  reader.expect(kTombstoneContext, "it is no tombstone");
  Tombstone tombstone;
  tombstone.pack = reader.id<PackId>();
  tombstone.store = reader.id<EventCommitment>();
  tombstone.retired_at = instant_from_millis(reader.u64());
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return tombstone;
}

Bytes ErasureReceipt::encode() const {
  codec::Writer writer;
  writer.raw(kErasureContext);
  writer.raw(grant.bytes());
  writer.u32(keyring_version);
  writer.u8(guardians);
  writer.u8(threshold);
  writer.u8(confirmed);
  writer.u8(liars);
  writer.u16(devices_unconfirmed);
  writer.u64(millis_of(completed_at));
  return std::move(writer).take();
}

Result<ErasureReceipt> ErasureReceipt::parse(ByteView body) {
  codec::Reader reader(body);
  reader.expect(kErasureContext, "it is no erasure receipt");
  ErasureReceipt receipt;
  receipt.grant = reader.id<consent::GrantId>();
  receipt.keyring_version = reader.u32();
  receipt.guardians = reader.u8();
  receipt.threshold = reader.u8();
  receipt.confirmed = reader.u8();
  receipt.liars = reader.u8();
  if (receipt.guardians == 0 && (receipt.threshold | receipt.confirmed | receipt.liars) != 0) {
    reader.refuse("without guardians nobody confirms");
  }
  receipt.devices_unconfirmed = reader.u16();
  receipt.completed_at = instant_from_millis(reader.u64());
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return receipt;
}

}  // namespace amanat::seal
