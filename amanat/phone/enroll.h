#pragma once

// A phone joins a custodian: the policy is pinned by its hash before anything is trusted, words are
// handed over before an account exists, and the account opens with keyring 1 (docs/format.md §3.3,
// §11, §12).

#include <filesystem>
#include <optional>
#include <string>

#include "amanat/api/policy.h"
#include "amanat/clock/clock.h"
#include "amanat/error/error.h"
#include "amanat/phone/terminal.h"
#include "amanat/seal/ids.h"

namespace amanat::phone {

struct EnrollOptions {
  std::string address;  // https://host:port#sha256=...
  std::filesystem::path home;
  std::optional<std::filesystem::path> words_out;
  std::optional<std::string> token;  // of the maker's identity system
};

struct EnrollReport {
  seal::AccountId account;
  seal::DeviceId device;
  api::PolicyHash policy;
  std::string region;
  std::uint32_t quorum = 0;  // 0: no witness watches the log
};

/// Enrols this phone. What a cut-off attempt left behind is thrown away by the next one.
///
///   fails   conflict when the phone is enrolled already, forged when the address pins another
///           policy, denied when the words were not taken over, and as the custodian answers
Result<EnrollReport> enroll(const EnrollOptions& options, Terminal& terminal, const Clock& clock);

}  // namespace amanat::phone
