#include "amanat/scan/inventory.h"

#include "amanat/codec/codec.h"
#include "amanat/scan/state.h"

namespace amanat::scan {
namespace {

constexpr std::string_view kMagic = "amanat/scan/inventory/1";

struct KeptInventory {
  crypto::Hash rules;  // zeros when there are none
  threat::Inventory signatures;
};

Result<KeptInventory> parse(ByteView bytes) {
  codec::Reader reader(bytes);
  KeptInventory kept;
  reader.expect(kMagic, "magic");
  if (as_text(reader.vector8()) != kEngine) reader.refuse("of another engine");
  if (reader.u32() != threat::kEngineVersion) reader.refuse("of another engine");
  kept.rules = reader.id<crypto::Hash>();
  const ByteView signatures = reader.vector32(threat::kInventoryBytesMax);
  if (auto done = reader.finish("inventory of a database"); !done) return carry(done);
  auto inventory = threat::Inventory::parse(signatures);
  if (!inventory) return carry(inventory);
  kept.signatures = std::move(*inventory);
  return kept;
}

}  // namespace

Bytes inventory_of(const Database& database) {
  const Database::State& state = database.state();
  const Bytes signatures = threat::Inventory::of(state.threats).encode();
  codec::Writer writer;
  writer.raw(kMagic);
  writer.vector8(as_bytes(kEngine));
  writer.u32(threat::kEngineVersion);
  writer.raw((state.rules ? crypto::sha256(state.rules_file) : crypto::Hash()).bytes());
  // A larger one is damaged when it is read, and everything is examined.
  const bool fits = signatures.size() <= threat::kInventoryBytesMax;
  writer.vector32(fits ? ByteView(signatures) : ByteView(), threat::kInventoryBytesMax);
  return std::move(writer).take();
}

threat::SignatureDelta compare(ByteView before, ByteView now) {
  const auto old = parse(before);
  const auto next = parse(now);
  threat::SignatureDelta delta;
  delta.everything = true;
  if (!old || !next) return delta;
  // Rules that went could find nothing on a clean file; any others are not looked into.
  if (!next->rules.is_zero() && next->rules != old->rules) return delta;
  return threat::compare(old->signatures, next->signatures);
}

}  // namespace amanat::scan
