#pragma once

// What every route works with, and who calls it.

#include <optional>
#include <string>
#include <vector>

#include "amanat/api/http.h"
#include "amanat/api/nonce_memory.h"
#include "amanat/api/signature_input.h"
#include "amanat/clock/clock.h"
#include "amanat/consent/law.h"
#include "amanat/crypto/crypto.h"
#include "amanat/custodian/folder.h"
#include "amanat/custodian/readers.h"
#include "amanat/custodian/sequencer.h"
#include "amanat/custodian/settings.h"
#include "amanat/custodian/uploads.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/store/blobs.h"

namespace amanat::custodian {

/// Everything is borrowed and outlives the service.
struct World {
  const Settings& settings;
  const Identity& identity;
  const consent::LawPack& law;
  const Clock& clock;
  store::Blobs& blobs;
  Readers& readers;
  Sequencer& sequencer;
  Uploads& uploads;
  api::NonceMemory& nonces;

  tlog::Region region() const { return *tlog::region_from_name(identity.policy.region); }
};

enum class CallerKind : std::uint8_t { anyone, device, phrase_key, auditor };

/// Whose signature a request carries.
struct Caller {
  CallerKind kind = CallerKind::anyone;
  crypto::PublicKey key;
  api::KeyId key_id;
  seal::AccountId account;  // of devices and phrase keys

  seal::DeviceId device() const { return seal::DeviceId::from(key_id.bytes()).value(); }
};

/// One request on its way through a route.
struct Call {
  const World& world;
  api::Request& request;
  Caller caller;
  std::string parameter;  // what stands at {} in the route's path
  Instant now;
};

using Answer = Result<api::Response>;

/// 200 or `status` with a JSON body.
inline api::Response answer_with(std::string_view json, int status = 200) {
  return api::json_response(status, json);
}

}  // namespace amanat::custodian
