// GET /v1/heads: where an account stands, all of one moment.

#include <limits>
#include <optional>

#include "amanat/api/messages.h"
#include "amanat/custodian/account_records.h"
#include "amanat/custodian/grant_records.h"
#include "amanat/custodian/query.h"
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

/// The key generation that snapshots may have at most; any when nothing is asked.
Result<std::optional<seal::Generation>> read_generation(const Call& call) {
  const auto asked = read_query_number(call.request.query, "generation");
  if (!asked) return carry(asked);
  if (!*asked) return std::nullopt;
  if (**asked > std::numeric_limits<seal::Generation>::max()) {
    return fail(Code::invalid_input, "a generation is a number of 16 bits");
  }
  return static_cast<seal::Generation>(**asked);
}

/// Older snapshots of several devices may be longer together than the newest are: then the answer
/// leaves out what does not fit.
Result<> add_commits(store::Database& database, api::Heads& heads,
                     std::optional<seal::Generation> generation) {
  const auto commits = list_newest_commits(database, heads.account);
  if (!commits) return carry(commits);
  std::uint64_t size = 0;
  for (const CommitRecord& commit : *commits) {
    auto snapshot = read_snapshot_commit(database, commit.device, generation);
    if (!snapshot) return carry(snapshot);
    size += snapshot->size();
    if (size > kSnapshotCommitsBytesMax) snapshot->clear();
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
  const auto generation = read_generation(call);
  if (!generation) return carry(generation);
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
  if (auto done = add_commits(database, heads, *generation); !done) return carry(done);
  if (auto done = add_grants(database, heads); !done) return carry(done);
  auto checkpoint = reading->ledger().checkpoint();
  if (!checkpoint) return carry(checkpoint);
  heads.checkpoint = *std::move(checkpoint);
  return answer_with(api::to_text(heads));
}

}  // namespace amanat::custodian
