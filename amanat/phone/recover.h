#pragma once

// A new phone gets a vault back from the custodian's address and the 24 words (docs/format.md §12).
//
// It trusts no memory but its words: the address pins the policy, the words open the newest keyring
// and name the key that signed it. Words that newer ones replaced less than 72 hours ago, without
// confirming it, open the version they belong to, and the next one goes back to that: so nobody who
// holds a phone alone can lock its owner out. Until witnesses watch the log it cannot know that the
// custodian shows the newest state; the report says so.

#include <filesystem>
#include <optional>
#include <string>

#include "amanat/clock/clock.h"
#include "amanat/consent/category.h"
#include "amanat/error/error.h"
#include "amanat/phone/terminal.h"
#include "amanat/seal/ids.h"

namespace amanat::phone {

struct RecoverOptions {
  std::string address;
  std::filesystem::path home;
  std::optional<std::filesystem::path> words;  // "-" or none: asked for
};

struct RecoverReport {
  seal::AccountId account;
  seal::DeviceId device;
  std::uint32_t keyring_version = 0;
  consent::CategorySet active;
  consent::CategorySet waiting;    // withdrawn, and it can still be cancelled with these words
  bool went_back = false;          // newer words were waiting, and are void now
  bool rollback_excluded = false;  // true once witnesses vouch for the log
};

/// Adds this device to the vault that the words open.
///
///   fails   invalid_input for mistyped words, not_found when no vault has them, forged when what
///           the custodian shows was not signed by the words' key or a device of the vault
Result<RecoverReport> recover(const RecoverOptions& options, Terminal& terminal,
                              const Clock& clock);

}  // namespace amanat::phone
