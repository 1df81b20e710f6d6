// GET /v1/heads: where an account stands, all of one moment.

#include "amanat/api/messages.h"
#include "amanat/custodian/account_records.h"
#include "amanat/custodian/grant_records.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/settings.h"
#include "amanat/custodian/vault_records.h"

namespace amanat::custodian {
namespace {

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

bool is_given(const StoredGrant& grant) { return grant.record.state == consent::GrantState::given; }

Result<> add_devices(store::Database& database, api::Heads& heads) {
  const auto devices = list_devices(database, heads.account);
  if (!devices) return carry(devices);
  for (const DeviceRecord& device : *devices) {
    heads.devices.push_back({.device = device.device,
                             .device_key = copy(device.device_key.bytes()),
                             .one_time_key = copy(device.one_time_key.bytes())});
  }
  return {};
}

Result<> add_commits(store::Database& database, api::Heads& heads) {
  const auto commits = list_newest_commits(database, heads.account);
  if (!commits) return carry(commits);
  for (const CommitRecord& commit : *commits) {
    auto snapshot = read_snapshot_commit(database, commit.device);
    if (!snapshot) return carry(snapshot);
    heads.commits.push_back({.device = commit.device,
                             .sequence = commit.sequence,
                             .hash = commit.hash,
                             .snapshot_commit = *std::move(snapshot)});
  }
  return {};
}

Result<> add_grants(store::Database& database, api::Heads& heads) {
  const auto grants = list_grants(database, heads.account);
  if (!grants) return carry(grants);
  std::size_t ended = 0;
  for (const StoredGrant& grant : *grants) ended += is_given(grant) ? 0 : 1;
  for (const StoredGrant& grant : *grants) {
    if (!is_given(grant) && ended-- > kGrantsToldMax) continue;  // an older one
    heads.grants.push_back({.commitment = grant.record.grant,
                            .category = consent::to_byte(grant.record.category),
                            .purpose = consent::to_byte(grant.record.purpose),
                            .state = is_given(grant) ? "given" : "withdrawn",
                            .index = grant.index});
  }
  return {};
}

}  // namespace

Answer get_heads(Call& call) {
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  store::Database& database = reading->database();
  const auto account = read_account(database, call.caller.account);
  if (!account) return carry(account);
  api::Heads heads;
  heads.account = account->account;
  heads.sequence = account->sequence;
  heads.keyring = account->keyring;
  auto keyrings = list_keyrings(database, account->account);
  if (!keyrings) return carry(keyrings);
  heads.keyrings = *std::move(keyrings);
  if (auto done = add_devices(database, heads); !done) return carry(done);
  if (auto done = add_commits(database, heads); !done) return carry(done);
  if (auto done = add_grants(database, heads); !done) return carry(done);
  auto checkpoint = reading->ledger().checkpoint();
  if (!checkpoint) return carry(checkpoint);
  heads.checkpoint = *std::move(checkpoint);
  return answer_with(api::to_text(heads));
}

}  // namespace amanat::custodian
