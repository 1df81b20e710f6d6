#pragma once

// Withdrawing a consent (FORMATS §6; docs/format.md §11): logged first, so that collection stops at
// once; then new words and a keyring without the key; and, 72 hours later or now with the present
// words, this phone destroys what opened the older keyring. No data is rewritten, whatever the
// size.
//
// Withdrawing must not be a wiper for malware: without the words everything can be taken back for
// 72 hours.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "amanat/consent/category.h"
#include "amanat/error/error.h"
#include "amanat/phone/session.h"
#include "amanat/phone/terminal.h"

namespace amanat::phone {

inline constexpr std::chrono::hours kWithdrawalWait{72};

struct WithdrawOptions {
  consent::Category category = consent::Category::other;
  bool now = false;
  std::optional<std::filesystem::path> words;      // the present ones, for `now`
  std::optional<std::filesystem::path> words_out;  // where the new ones go
};

struct WithdrawReport {
  consent::Category category = consent::Category::other;
  std::uint64_t index = 0;            // of the withdrawal in the log
  std::uint32_t keyring_version = 0;  // the first without the key
  bool completed = false;
  Instant due;  // when it completes, if it has not
  std::uint16_t devices_unconfirmed = 0;
};

/// Withdraws the consent for a category, or goes on where an earlier command was cut off.
///
///   fails   not_found when there is no consent for the category
///           denied when the present words are wrong or the new ones were not taken over; the
///           withdrawal itself is then logged already, and running it again goes on
Result<WithdrawReport> withdraw(Session& session, const WithdrawOptions& options,
                                Terminal& terminal);

/// Takes a withdrawal back that has not completed: `conflict` when it has.
Result<WithdrawReport> cancel_withdrawal(Session& session, consent::Category category);

/// Goes on with cancellations that were logged and then cut off.
Result<> finish_cancellations(Session& session);

/// Completes the withdrawals that nothing can take back any more: their 72 hours are over, or a
/// keyring that counts at once followed. Every command that opens a session does it.
Result<std::vector<consent::Category>> complete_due_withdrawals(Session& session);

}  // namespace amanat::phone
