#include "amanat/phone/compartments.h"

#include <algorithm>

#include "amanat/phone/vault_steps.h"

namespace amanat::phone {

const seal::KeyringCompartment* find_compartment(const seal::KeyringBody& body,
                                                 const seal::DeviceId& device,
                                                 const GrantSet& grants) {
  const auto found =
      std::ranges::find_if(body.compartments, [&](const seal::KeyringCompartment& one) {
        return one.device == device && one.purpose == consent::Purpose::custody
               && one.grants == grants;
      });
  return found == body.compartments.end() ? nullptr : &*found;
}

bool has_keys(const seal::KeyringBody& body, const GrantSet& grants) {
  return std::ranges::all_of(grants, [&](const consent::GrantId& id) {
    const seal::KeyringGrant* grant = body.find_grant(id);
    return grant != nullptr && grant->state == seal::GrantState::given;
  });
}

Result<std::set<seal::CompartmentId>> held_compartments(Session& session) {
  auto withdrawals = session.records().withdrawals();
  if (!withdrawals) return carry(withdrawals);
  std::set<consent::GrantId> ending;
  for (const PendingWithdrawal& withdrawal : *withdrawals) ending.insert(withdrawal.grant);
  const seal::KeyringBody& body = session.keyring().body;
  std::set<seal::CompartmentId> held;
  for (const seal::KeyringCompartment& one : body.compartments) {
    if (one.device != session.device_id()) continue;
    const bool is_ending = std::ranges::any_of(
        one.grants, [&](const consent::GrantId& grant) { return ending.contains(grant); });
    if (is_ending || !has_keys(body, one.grants)) held.insert(one.id);
  }
  return held;
}

Result<> make_compartments(Session& session, std::span<const GrantSet> wanted) {
  const seal::DeviceId device = session.device_id();
  const bool is_missing = std::ranges::any_of(wanted, [&](const GrantSet& grants) {
    return find_compartment(session.keyring().body, device, grants) == nullptr;
  });
  if (!is_missing) return {};
  const auto add_missing = [&](seal::KeyringBody& body) -> Result<> {
    for (const GrantSet& grants : wanted) {
      if (find_compartment(body, device, grants) != nullptr) continue;
      if (!has_keys(body, grants)) {
        return fail(Code::denied,
                    "a consent has no key in the keyring: give it again with amanat consent");
      }
      body.compartments.push_back({.id = crypto::random_id<seal::CompartmentId>(),
                                   .device = device,
                                   .purpose = consent::Purpose::custody,
                                   .grants = grants});
    }
    std::ranges::sort(body.compartments, {}, &seal::KeyringCompartment::id);
    return {};
  };
  auto stored = store_next_keyring(session, {.apply = add_missing});
  if (!stored) return carry(stored, "making compartments");
  return {};
}

Result<RunGate> RunGate::open(Session& session) {
  auto records = session.records().grant_records();
  if (!records) return carry(records);
  const auto age = session.records().number_fact(fact::kAgeClass);
  if (!age) return carry(age);
  return RunGate(session.law(), std::move(*records),
                 static_cast<consent::AgeClass>(age->value_or(0)), session.clock().now());
}

const consent::GateAnswer& RunGate::decide(consent::CategorySet categories) {
  const auto [found, is_new] = answers_.try_emplace(categories.to_text());
  if (is_new) {
    found->second = consent::decide(*law_, records_,
                                    {.categories = categories,
                                     .purpose = consent::Purpose::custody,
                                     .age_class = age_,
                                     .now = now_});
  }
  return found->second;
}

}  // namespace amanat::phone
