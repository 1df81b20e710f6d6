#include "amanat/phone/lost_keys.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "amanat/phone/vault_steps.h"

namespace amanat::phone {
namespace {

using GivenGrants = std::set<consent::GrantId>;

Result<GivenGrants> read_given(Session& session) {
  auto records = session.records().grant_records();
  if (!records) return carry(records);
  GivenGrants given;
  for (const consent::GrantRecord& record : *records) {
    if (record.state == consent::GrantState::given) given.insert(record.grant);
  }
  return given;
}

/// The bodies of the older versions kept here, the newest first.
Result<std::vector<seal::KeyringBody>> open_older(Session& session) {
  std::vector<std::uint32_t> versions = session.keys().versions();
  std::ranges::reverse(versions);
  std::vector<seal::KeyringBody> older;
  for (const std::uint32_t version : versions) {
    if (version >= session.keyring().version()) continue;
    auto keyring = session.keys().open_keyring(version);
    if (!keyring) return carry(keyring, "opening an older keyring");
    older.push_back(std::move(keyring->body));
  }
  return older;
}

bool add_snapshot_keys(seal::KeyringBody& body, const seal::KeyringBody& older) {
  bool added = false;
  for (const seal::KeyringSnapshotKey& known : older.snapshot_keys) {
    if (body.find_snapshot_key(known.generation) != nullptr) continue;
    body.snapshot_keys.push_back({.generation = known.generation, .key = known.key.duplicate()});
    added = true;
  }
  std::ranges::sort(body.snapshot_keys, {}, &seal::KeyringSnapshotKey::generation);
  return added;
}

bool add_grant_keys(seal::KeyringGrant& grant, const seal::KeyringGrant& older) {
  bool added = false;
  for (const seal::KeyringGrantKey& known : older.keys) {
    if (grant.key_of(known.generation) != nullptr) continue;
    grant.keys.push_back({.generation = known.generation, .key = known.key.duplicate()});
    added = true;
  }
  std::ranges::sort(grant.keys, {}, &seal::KeyringGrantKey::generation);
  return added;
}

/// The grant as an older version has it, with a key of the present generation.
seal::KeyringGrant take_over(const seal::KeyringGrant& older, seal::Generation generation) {
  seal::KeyringGrant grant;
  grant.category = older.category;
  grant.purpose = older.purpose;
  grant.state = seal::GrantState::given;
  grant.consent_seed = older.consent_seed.duplicate();
  grant.commitment = older.commitment;
  grant.decision = older.decision;
  grant.valid_until = older.valid_until;
  add_grant_keys(grant, older);
  if (grant.key_of(generation) == nullptr) {
    grant.keys.push_back({.generation = generation, .key = crypto::random_key<seal::GrantKey>()});
  }
  return grant;
}

bool add_grants(seal::KeyringBody& body, const seal::KeyringBody& older, const GivenGrants& given) {
  bool added = false;
  for (const seal::KeyringGrant& known : older.grants) {
    if (known.state != seal::GrantState::given || !given.contains(known.commitment)) continue;
    const auto there =
        std::ranges::find(body.grants, known.commitment, &seal::KeyringGrant::commitment);
    if (there == body.grants.end()) {
      body.grants.push_back(take_over(known, body.generation));
      added = true;
    } else if (there->state == seal::GrantState::given) {
      added = add_grant_keys(*there, known) || added;
    }
  }
  return added;
}

bool add_compartments(seal::KeyringBody& body, const seal::KeyringBody& older) {
  bool added = false;
  for (const seal::KeyringCompartment& known : older.compartments) {
    const bool is_open = std::ranges::all_of(known.grants, [&](const consent::GrantId& id) {
      const seal::KeyringGrant* grant = body.find_grant(id);
      return grant != nullptr && grant->state == seal::GrantState::given;
    });
    if (!is_open || body.find_compartment(known.id) != nullptr) continue;
    body.compartments.push_back(known);
    added = true;
  }
  return added;
}

bool add_missing(seal::KeyringBody& body, const std::vector<seal::KeyringBody>& all,
                 const GivenGrants& given) {
  bool added = false;
  for (const seal::KeyringBody& older : all) {
    added = add_snapshot_keys(body, older) || added;
    added = add_grants(body, older, given) || added;
    added = add_compartments(body, older) || added;
  }
  return added;
}

}  // namespace

Result<> put_back_lost_keys(Session& session) {
  auto older = open_older(session);
  if (!older) return carry(older);
  auto given = read_given(session);
  if (!given) return carry(given);
  seal::KeyringBody trial = session.keyring().body.duplicate();
  if (!add_missing(trial, *older, *given)) return {};
  auto stored = store_next_keyring(session, {.apply = [&](seal::KeyringBody& body) -> Result<> {
                                     add_missing(body, *older, *given);
                                     return {};
                                   }});
  if (!stored) return carry(stored, "putting back keys that the keyring lost");
  return {};
}

}  // namespace amanat::phone
