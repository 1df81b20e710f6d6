#include "amanat/custodian/vault_step.h"

#include <algorithm>
#include <vector>

#include "amanat/custodian/event_records.h"
#include "amanat/custodian/vault_records.h"

namespace amanat::custodian {

Result<> check_next_step(store::Database& database, const AccountRecord& account,
                         const VaultStep& step) {
  if (step.sequence != account.sequence + 1) {
    return fail(Code::conflict, "the vault has moved on");
  }
  const auto logged = find_logged(database, account.account, step.head);
  if (!logged) return carry(logged);
  if (*logged) return fail(Code::conflict, "this vault head was logged for another step");
  return {};
}

Result<> check_head(store::Database& database, const AccountRecord& account, const VaultStep& step,
                    std::uint32_t keyring_version, const seal::KeyringHash& keyring,
                    const seal::DeviceHead* newer) {
  const auto commits = list_newest_commits(database, account.account);
  if (!commits) return carry(commits);
  std::vector<seal::DeviceHead> heads;
  for (const CommitRecord& commit : *commits) {
    if (newer == nullptr || commit.device != newer->device) {
      heads.push_back({commit.device, commit.hash});
    }
  }
  if (newer != nullptr) heads.push_back(*newer);
  const auto commitment = seal::vault_head_commitment(keyring_version, keyring, std::move(heads));
  if (!std::ranges::equal(commitment.bytes(), step.head.commitment.bytes())) {
    return fail(Code::conflict, "the vault head does not describe the vault after this step");
  }
  return {};
}

Result<> check_same_head(store::Database& database, const seal::AccountId& account,
                         const VaultStep& step, std::uint64_t logged_step,
                         std::uint64_t head_index) {
  const auto logged = find_logged(database, account, step.head);
  if (!logged) return carry(logged);
  if (step.sequence != logged_step || *logged != head_index) {
    return fail(Code::conflict, "this step was made with another vault head");
  }
  return {};
}

}  // namespace amanat::custodian
