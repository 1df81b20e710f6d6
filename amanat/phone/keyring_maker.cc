#include "amanat/phone/keyring_maker.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace amanat::phone {

void start_generation(seal::KeyringBody& body, seal::Generation generation) {
  body.generation = generation;
  body.snapshot_keys.push_back(
      {.generation = generation, .key = crypto::random_key<seal::SnapshotKey>()});
  for (seal::KeyringGrant& grant : body.grants) {
    if (grant.state != seal::GrantState::given) continue;
    grant.keys.push_back({.generation = generation, .key = crypto::random_key<seal::GrantKey>()});
  }
}

Result<MadeKeyring> make_keyring(seal::KeyringBody body, const KeyringMaking& making) {
  MadeKeyring made{.body = std::move(body),
                   .key = crypto::random_key<seal::KeyringKey>(),
                   .sealed = {},
                   .statement = {},
                   .next_one_time_key = {}};
  auto sealed = seal::seal_keyring(made.body, made.key);
  if (!sealed) return carry(sealed, "sealing the keyring");
  made.sealed = std::move(*sealed);
  auto next_one_time = making.keys.make_one_time_key();
  if (!next_one_time) return carry(next_one_time);
  made.next_one_time_key = *next_one_time;

  seal::KeyringTerms terms;
  terms.account = made.body.account;
  terms.version = made.body.version;
  terms.previous = made.body.previous;
  terms.sealed = seal::hash_keyring(made.sealed);
  terms.recovery_wrap = seal::wrap_for_recovery(terms.place(), made.key, made.body.recovery_key);
  for (const seal::KeyringDevice& device : made.body.devices) {
    const auto one_time = making.one_time_key(device.id());
    if (!one_time) return carry(one_time);
    terms.wraps.push_back(
        {.device = device.id(),
         .one_time_key = *one_time,
         .wrap = seal::wrap_for_device(terms.place(), made.key, device.id(), *one_time)});
  }
  std::ranges::sort(terms.wraps, {}, &seal::KeyringWrap::device);
  terms.next_one_time_key = made.next_one_time_key;
  terms.device = seal::device_id_of(making.device.public_key());
  terms.phrase_key = made.body.phrase_key;
  terms.confirmed = making.confirmed;
  terms.time = making.now;

  std::vector<seal::KeyringSigner> signers{
      {.kind = seal::KeyringSignerKind::device, .signer = making.device}};
  if (making.phrase_signer != nullptr) {
    signers.push_back(
        {.kind = seal::KeyringSignerKind::phrase_key, .signer = *making.phrase_signer});
  }
  made.statement = seal::sign_keyring(terms, signers);
  return made;
}

}  // namespace amanat::phone
