#include "amanat/phone/sealing_session.h"

#include <utility>

#include "amanat/seal/statement.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kPackPlainBytes = std::size_t{seal::kFramesMax} * seal::kFramePlainBytes;
constexpr std::size_t kTrailerBytes = 8;

}  // namespace

SealingSession::SealingSession(seal::CompartmentKeys keys, std::vector<seal::ObjectGrant> grants,
                               crypto::Signer consent_signer, BlobNames known, const Clock& clock,
                               PackSink sink)
    : keys_(std::move(keys)),
      grants_(std::move(grants)),
      consent_signer_(std::move(consent_signer)),
      known_(std::move(known)),
      clock_(clock),
      sink_(std::move(sink)),
      chunker_(keys_.chunk, keys_.cut),
      writer_(keys_) {}

Result<std::unique_ptr<SealingSession>> SealingSession::open(const seal::KeyringBody& body,
                                                             const seal::CompartmentId& compartment,
                                                             BlobNames known, const Clock& clock,
                                                             PackSink sink) {
  auto keys = seal::compartment_keys(body, compartment, body.generation);
  if (!keys) return carry(keys, "opening a compartment to seal into");
  const seal::KeyringCompartment* listed = body.find_compartment(compartment);
  ensure(listed != nullptr && !listed->grants.empty(), "a compartment with keys is listed");
  std::vector<seal::ObjectGrant> grants;
  for (const consent::GrantId& id : listed->grants) {
    const seal::KeyringGrant* grant = body.find_grant(id);
    ensure(grant != nullptr, "a compartment's grants are in its keyring");
    grants.push_back({.category = grant->category, .commitment = grant->commitment});
  }
  const seal::KeyringGrant* first = body.find_grant(listed->grants.front());
  return std::unique_ptr<SealingSession>(new SealingSession(
      std::move(*keys), std::move(grants), crypto::Signer(first->consent_seed.duplicate()),
      std::move(known), clock, std::move(sink)));
}

Result<seal::BlobName> SealingSession::store(seal::BlobType type, ByteView plain,
                                             seal::Compression compression) {
  const seal::BlobName name = seal::name_blob(keys_.name, type, plain);
  if (known_.contains(name)) return name;
  return store_anew(type, plain, compression);
}

Result<seal::BlobName> SealingSession::store_anew(seal::BlobType type, ByteView plain,
                                                  seal::Compression compression) {
  const seal::BlobName name = seal::name_blob(keys_.name, type, plain);
  if (!writer_.add(name, type, plain, compression)) {
    if (auto done = finish_pack(seal::Padding::none); !done) return carry(done);
    ensure(writer_.add(name, type, plain, compression), "an empty pack takes every blob");
  }
  known_.insert(name);
  ++blobs_in_pack_;
  stored_bytes_ += plain.size();
  if (type != seal::BlobType::index) holds_indexed_content_ = true;
  return name;
}

Result<> SealingSession::finish_pack(seal::Padding padding) {
  if (writer_.is_empty()) return {};
  auto sealed = writer_.finish(padding, std::exchange(spare_, {}));
  if (!sealed) return carry(sealed);
  blobs_in_pack_ = 0;
  holds_indexed_content_ = false;
  packs_.push_back(sealed->id);

  seal::Object object{.pack = sealed->id,
                      .frames = sealed->frames,
                      .purpose = consent::Purpose::custody,
                      .compartment = keys_.id,
                      .generation = keys_.generation,
                      .grants = grants_,
                      .sealed_minute = minute_of(clock_.now())};
  StatedPack stated{.pack = std::move(*sealed),
                    .compartment = keys_.id,
                    .grants = {},
                    .statement = seal::sign(object, consent_signer_)};
  for (const seal::ObjectGrant& grant : grants_) stated.grants.push_back(grant.commitment);
  auto spare = sink_(std::move(stated));
  if (!spare) return carry(spare);
  spare_ = std::move(*spare);
  return {};
}

bool SealingSession::has_room(std::size_t size, std::size_t count) const {
  const std::size_t directory = (blobs_in_pack_ + count) * seal::kPackEntryBytes;
  return writer_.plain_size() + size + directory + kTrailerBytes <= kPackPlainBytes;
}

}  // namespace amanat::phone
