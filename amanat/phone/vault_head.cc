#include "amanat/phone/vault_head.h"

#include <utility>

namespace amanat::phone {
namespace {

constexpr int kTriesMax = 5;

}  // namespace

std::vector<seal::DeviceHead> device_heads(const api::Heads& heads) {
  std::vector<seal::DeviceHead> found;
  for (const api::Heads::Commit& commit : heads.commits) {
    found.push_back({.device = commit.device, .commit = commit.hash});
  }
  return found;
}

Result<KeptEvent> make_vault_head(Session& session, std::uint64_t step, std::uint32_t version,
                                  const seal::KeyringHash& keyring,
                                  std::vector<seal::DeviceHead> heads) {
  return session.keep_vault_head(seal::vault_head_commitment(version, keyring, std::move(heads)),
                                 seal::vault_head_link(session.keyring().body.vault_key, step));
}

Result<> until_not_overtaken(const std::function<Result<>()>& step) {
  for (int tries = 1;; ++tries) {
    auto done = step();
    if (done || done.error().code != Code::conflict || tries == kTriesMax) return done;
  }
}

}  // namespace amanat::phone
