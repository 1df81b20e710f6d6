#pragma once

// What a verifier keeps between runs: its key, and for each policy the last checkpoint under which
// nothing was refuted, so that a log that is rewritten later is seen.
//
//   DIR/auditor.seed            readable by its owner alone
//   DIR/checkpoints/<hash>      the signed note

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/api/policy.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"

namespace amanat::regulator {

/// The key in this folder; makes both when they are not there.
Result<crypto::Signer> open_auditor_key(const std::filesystem::path& folder);

Result<std::optional<std::string>> recall_checkpoint(const std::filesystem::path& folder,
                                                     const api::PolicyHash& policy);
Result<> remember_checkpoint(const std::filesystem::path& folder, const api::PolicyHash& policy,
                             std::string_view note);

/// A whole file; not_found without one, invalid_input when it has more than `size_max` bytes.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t size_max);
/// Writes beside the file and renames: the old or the new content is there, never half of it.
Result<> write_file(const std::filesystem::path& path, ByteView content);

}  // namespace amanat::regulator
