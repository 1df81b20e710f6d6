#pragma once

// Who may ask for openings, and the nonces they have fixed.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "amanat/api/messages.h"
#include "amanat/api/signature_input.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

/// An Ed25519 public key as 64 hex digits or 44 characters of base64.
Result<crypto::PublicKey> parse_auditor_key(std::string_view text);

Result<std::optional<crypto::PublicKey>> find_auditor(store::Database& database,
                                                      const api::KeyId& key);
/// Adds an auditor; does nothing when it is there already.
Result<> insert_auditor(store::Database& database, const crypto::PublicKey& key, Instant now);
Result<std::vector<crypto::PublicKey>> list_auditors(store::Database& database);

/// The entry that fixed this nonce for this auditor; nothing when it did not.
Result<std::optional<std::uint64_t>> find_challenge(store::Database& database,
                                                    const api::KeyId& auditor,
                                                    const api::NonceHash& nonce);
/// conflict when the nonce was fixed before by somebody else.
Result<> insert_challenge(store::Database& database, const api::KeyId& auditor,
                          const api::NonceHash& nonce, std::uint64_t index);

}  // namespace amanat::custodian
