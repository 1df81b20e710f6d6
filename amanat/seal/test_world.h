#pragma once

// What the tests of this module share: keys that are the same on every run, a random source that
// replays, and content to seal.

#include <array>
#include <memory>
#include <string_view>

#include "amanat/seal/seal.h"

namespace amanat::seal::testing {

/// An endless stream of bytes that depends on the seed alone.
class Stream {
 public:
  explicit Stream(std::string_view seed) : seed_(crypto::sha256(as_bytes(seed))) {}

  void operator()(ByteSpan memory) {
    for (std::uint8_t& byte : memory) {
      if (used_ == crypto::Hash::kSize) {
        block_ = crypto::sha256({seed_.bytes(), ByteView(count_)});
        for (std::uint8_t& digit : count_) {
          if (++digit != 0) break;
        }
        used_ = 0;
      }
      byte = block_.bytes()[used_++];
    }
  }

 private:
  crypto::Hash seed_;
  crypto::Hash block_;
  std::array<std::uint8_t, 8> count_{};
  std::size_t used_ = crypto::Hash::kSize;
};

inline Bytes bytes_of(std::string_view seed, std::size_t size) {
  Bytes bytes(size);
  Stream stream{seed};
  stream(bytes);
  return bytes;
}

template <class IdType>
IdType id_of(std::string_view seed) {
  IdType id;
  Stream stream{seed};
  stream(id.fill());
  return id;
}

template <class KeyType>
KeyType key_of(std::string_view seed) {
  KeyType key;
  Stream stream{seed};
  stream(key.expose());
  return key;
}

inline crypto::Signer signer_of(std::string_view seed) {
  return crypto::Signer(key_of<crypto::SigningSeed>(seed));
}

inline Instant moment() { return instant_from_millis(1'795'500'000'123); }

/// The keys of a compartment of photos and location at generation 2.
inline CompartmentKeys compartment_of(std::string_view seed) {
  const std::string name(seed);
  const auto photos_first = key_of<GrantKey>(name + " photos 1");
  const auto photos = key_of<GrantKey>(name + " photos 2");
  const auto location_first = key_of<GrantKey>(name + " location 1");
  const auto location = key_of<GrantKey>(name + " location 2");
  const std::array first{&photos_first, &location_first};
  const std::array current{&photos, &location};
  const CompartmentName compartment{id_of<CompartmentId>(name), consent::Purpose::custody};
  CompartmentKeys keys;
  keys.id = compartment.id;
  keys.generation = 2;
  keys.wrap = derive_wrap_key(compartment, 2, current);
  keys.name = derive_name_key(compartment, first);
  keys.chunk = derive_chunk_key(compartment, first);
  keys.cut = derive_cut_key(compartment, first);
  keys.decisions = {id_of<consent::DecisionHash>(name + " photos"),
                    id_of<consent::DecisionHash>(name + " location")};
  return keys;
}

/// Compressible text of this size.
inline Bytes text_of(std::size_t size) {
  Bytes text;
  text.reserve(size + 64);
  for (std::uint64_t line = 0; text.size() < size; ++line) {
    append(text, as_bytes("line " + std::to_string(line * line) + " of what was entrusted\n"));
  }
  text.resize(size);
  return text;
}

/// A keyring of version 1 with one device, two grants and a compartment of both.
inline KeyringBody keyring_of(std::string_view seed) {
  const std::string name(seed);
  KeyringBody body;
  body.version = 1;
  body.account = id_of<AccountId>(name + " account");
  body.vault_key = key_of<VaultKey>(name + " V");
  body.recovery_key = recovery_key_of(key_of<PhraseEntropy>(name + " phrase"));
  body.phrase_key = phrase_signer_of(key_of<PhraseEntropy>(name + " phrase")).public_key();
  body.snapshot_keys.push_back({1, key_of<SnapshotKey>(name + " snapshot")});
  body.devices.push_back({.device_key = signer_of(name + " device").public_key(),
                          .label_key = key_of<LabelKey>(name + " label"),
                          .added_at = moment(),
                          .next_label = 7});
  for (const auto category : {consent::Category::photos, consent::Category::location}) {
    KeyringGrant grant;
    const std::string word = name + std::string(consent::name_of(category));
    grant.category = category;
    grant.consent_seed = key_of<crypto::SigningSeed>(word + " consent");
    grant.commitment = id_of<consent::GrantId>(word);
    grant.decision = id_of<consent::DecisionHash>(word);
    grant.valid_until = moment() + std::chrono::days(365);
    grant.keys.push_back({1, key_of<GrantKey>(word + " key")});
    body.grants.push_back(std::move(grant));
  }
  body.compartments.push_back({.id = id_of<CompartmentId>(name + " compartment"),
                               .device = body.devices.front().id(),
                               .purpose = consent::Purpose::custody,
                               .grants = {body.grants[0].commitment, body.grants[1].commitment}});
  return body;
}

}  // namespace amanat::seal::testing
