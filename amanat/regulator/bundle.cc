#include "amanat/regulator/bundle.h"

#include "amanat/note/note.h"
#include "amanat/tlog/entry.h"

namespace amanat::regulator {
namespace {

constexpr std::string_view kSchema = "amanat-bundle/1";

Result<Bundle::Receipt> receipt_from_json(const json::Value& value) {
  json::Fields fields(value, "receipt");
  Bundle::Receipt receipt;
  receipt.index = fields.number("index");
  receipt.entry = fields.base64("entry", tlog::kEntryBytesMax);
  auto proof = proof_from_json(fields.array("proof", merkle::kProofHashesMax));
  receipt.checkpoint = fields.text("checkpoint", note::kNoteBytesMax);
  if (auto done = fields.finish(); !done) return carry(done);
  if (!proof) return carry(proof);
  receipt.proof = *std::move(proof);
  return receipt;
}

}  // namespace

json::Array proof_to_json(const merkle::Proof& proof) {
  json::Array array;
  for (const merkle::Hash& hash : proof) array.emplace_back(to_base64(hash.bytes()));
  return array;
}

Result<merkle::Proof> proof_from_json(const json::Array& array) {
  merkle::Proof proof;
  for (const json::Value& value : array) {
    if (value.text() == nullptr) return fail(Code::invalid_input, "a proof holds no text");
    const auto bytes = from_base64(*value.text());
    if (!bytes) return carry(bytes, "a proof");
    const auto hash = merkle::Hash::from(*bytes);
    if (!hash) return carry(hash, "a proof");
    proof.push_back(*hash);
  }
  return proof;
}

json::Value to_json(const Bundle& bundle) {
  json::Array receipts;
  for (const Bundle::Receipt& receipt : bundle.receipts) {
    receipts.emplace_back(json::Object{{"index", receipt.index},
                                       {"entry", to_base64(receipt.entry)},
                                       {"proof", proof_to_json(receipt.proof)},
                                       {"checkpoint", receipt.checkpoint}});
  }
  return json::Object{
      {"schema", kSchema}, {"policy", bundle.policy.hex()}, {"receipts", std::move(receipts)}};
}

Result<Bundle> bundle_from_json(const json::Value& value) {
  json::Fields fields(value, "bundle");
  if (fields.text("schema", 64) != kSchema) fields.refuse("schema", "is not amanat-bundle/1");
  Bundle bundle;
  bundle.policy = fields.hex_id<api::PolicyHash>("policy");
  for (const json::Value& item : fields.array("receipts", kBundleReceiptsMax)) {
    auto receipt = receipt_from_json(item);
    if (!receipt) return carry(receipt, "bundle");
    bundle.receipts.push_back(*std::move(receipt));
  }
  if (auto done = fields.finish(); !done) return carry(done);
  return bundle;
}

Result<Bundle> parse_bundle(std::string_view text) {
  const auto value = json::parse(text, kBundleBytesMax);
  if (!value) return carry(value, "bundle");
  return bundle_from_json(*value);
}

}  // namespace amanat::regulator
