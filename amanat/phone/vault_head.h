#pragma once

// What both kinds of vault step share: the vault_head event, and trying again when overtaken.

#include <functional>
#include <vector>

#include "amanat/phone/session.h"
#include "amanat/seal/commit.h"

namespace amanat::phone {

/// All devices' newest commits, as the custodian says.
std::vector<seal::DeviceHead> device_heads(const api::Heads& heads);

/// Makes the vault_head event of step `step` and keeps it.
Result<KeptEvent> make_vault_head(Session& session, std::uint64_t step, std::uint32_t version,
                                  const seal::KeyringHash& keyring,
                                  std::vector<seal::DeviceHead> heads);

/// Repeats a step that another device overtook, a few times.
Result<> until_not_overtaken(const std::function<Result<>()>& step);

}  // namespace amanat::phone
