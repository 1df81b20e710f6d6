#include "amanat/custodian/pack_gate.h"

#include <vector>

#include "amanat/consent/gate.h"
#include "amanat/custodian/account_records.h"
#include "amanat/custodian/grant_records.h"
#include "amanat/custodian/settings.h"
#include "amanat/seal/pack.h"

namespace amanat::custodian {
namespace {

Result<std::vector<StoredGrant>> read_grants(store::Database& database,
                                             const seal::AccountId& account,
                                             const seal::Object& object) {
  std::vector<StoredGrant> grants;
  for (const seal::ObjectGrant& named : object.grants) {
    auto grant = read_grant(database, account, named.commitment);
    if (!grant) return carry(grant);
    grants.push_back(*std::move(grant));
  }
  return grants;
}

Result<> check_subject(const seal::Object& object, const std::vector<StoredGrant>& grants) {
  for (std::size_t i = 0; i < grants.size(); ++i) {
    if (grants[i].record.category != object.grants[i].category
        || grants[i].record.purpose != object.purpose) {
      return fail(Code::invalid_input, "a grant of the pack is for something else");
    }
  }
  return {};
}

Result<> check_sealing_time(const seal::Object& object, const std::vector<StoredGrant>& grants,
                            Instant now) {
  if (instant_of(object.sealed_minute) > now + kClockAheadMax) {
    return fail(Code::invalid_input, "the pack was sealed in the future: set the clock");
  }
  for (const StoredGrant& grant : grants) {
    if (object.sealed_minute < minute_of(grant.given_at)
        || instant_of(object.sealed_minute) >= grant.record.valid_until) {
      return fail(Code::invalid_input, "the pack was sealed outside the time of its consent");
    }
  }
  return {};
}

Result<> ask_gate(const consent::LawPack& law, const seal::Object& object,
                  const std::vector<StoredGrant>& grants, Instant now) {
  // Only the pack's own grants count: another one that would do is not the one it was sealed under.
  std::vector<consent::GrantRecord> records;
  consent::CategorySet categories;
  for (const StoredGrant& grant : grants) {
    records.push_back(grant.record);
    categories.insert(grant.record.category);
  }
  const auto answer = consent::decide(law, records,
                                      {.categories = categories,
                                       .purpose = object.purpose,
                                       .age_class = consent::AgeClass::of_age,  // the grants say
                                       .now = now});
  if (answer.is_allowed()) return {};
  return fail(Code::denied, answer.refused->sentence);
}

}  // namespace

Result<> check_grants(store::Database& database, const consent::LawPack& law,
                      const seal::AccountId& account, const seal::Object& object, Instant now) {
  const auto grants = read_grants(database, account, object);
  if (!grants) return carry(grants);
  if (auto fits = check_subject(object, *grants); !fits) return fits;
  if (auto fits = check_sealing_time(object, *grants, now); !fits) return fits;
  return ask_gate(law, object, *grants, now);
}

Result<> check_offer(store::Database& database, const consent::LawPack& law,
                     const seal::AccountId& account, const ObjectEvent& pack, Instant now) {
  const auto first = read_grant(database, account, pack.object().grants.front().commitment);
  if (!first) return carry(first);
  if (auto held = pack.statement.verify(first->consent_key); !held) return carry(held);
  return check_grants(database, law, account, pack.object(), now);
}

Result<> check_quota(store::Database& database, const seal::AccountId& account,
                     std::uint32_t frames) {
  const auto record = read_account(database, account);
  if (!record) return carry(record);
  const std::uint64_t size = seal::pack_size_of(frames);
  if (record->used > record->quota || record->quota - record->used < size) {
    return fail(Code::denied, "the account's space is used up");
  }
  return {};
}

}  // namespace amanat::custodian
