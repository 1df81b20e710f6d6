#include "amanat/custodian/grant_records.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kColumns =
    "SELECT grant_id, category, purpose, state, valid_from, valid_until, age_class, notice, "
    "account, consent_key, final_at, log_index, changed_at, given_at FROM grants ";

Result<consent::GrantState> state_from(std::uint64_t number) {
  using consent::GrantState;
  for (const GrantState state : {GrantState::given, GrantState::withdrawn, GrantState::revoked}) {
    if (static_cast<std::uint64_t>(state) == number) return state;
  }
  return fail(Code::corrupt, "a grant in the database has an unknown state");
}

Result<StoredGrant> grant_from(store::Statement& row) {
  const auto category = consent::category_from_byte(static_cast<std::uint8_t>(row.number(1)));
  const auto purpose = consent::purpose_from_byte(static_cast<std::uint8_t>(row.number(2)));
  const auto state = state_from(row.number(3));
  if (!category || !purpose || !state || row.number(6) > 2) {
    return fail(Code::corrupt, "a grant in the database is damaged");
  }
  StoredGrant grant{.record = {.grant = row.id<consent::GrantId>(0),
                               .category = *category,
                               .purpose = *purpose,
                               .state = *state,
                               .valid_from = instant_from_millis(row.number(4)),
                               .valid_until = instant_from_millis(row.number(5)),
                               .changed_at = instant_from_millis(row.number(12)),
                               .age_class = static_cast<consent::AgeClass>(row.number(6)),
                               .notice = row.id<consent::NoticeId>(7)},
                    .account = row.id<seal::AccountId>(8),
                    .consent_key = row.id<crypto::PublicKey>(9),
                    .given_at = instant_from_millis(row.number(13)),
                    .final_at = {},
                    .index = row.number(11)};
  if (!row.is_null(10)) grant.final_at = instant_from_millis(row.number(10));
  if (auto intact = row.intact(); !intact) return carry(intact);
  return grant;
}

std::optional<std::uint64_t> millis_of(const std::optional<Instant>& instant) {
  if (!instant) return {};
  return amanat::millis_of(*instant);
}

}  // namespace

Result<StoredGrant> read_grant(store::Database& database, const seal::AccountId& account,
                               const consent::GrantId& grant) {
  auto row = database.prepare(std::string(kColumns) + "WHERE grant_id = ? AND account = ?");
  if (!row) return carry(row);
  const auto found = row->first(grant, account);
  if (!found) return carry(found);
  if (!*found) return fail(Code::not_found, "there is no such grant");
  return grant_from(*row);
}

Result<std::vector<StoredGrant>> list_grants(store::Database& database,
                                             const seal::AccountId& account) {
  auto row = database.prepare(std::string(kColumns) + "WHERE account = ? ORDER BY log_index");
  if (!row) return carry(row);
  std::vector<StoredGrant> grants;
  auto more = row->first(account);
  for (; more && *more; more = row->step()) {
    auto grant = grant_from(*row);
    if (!grant) return carry(grant);
    grants.push_back(*std::move(grant));
  }
  if (!more) return carry(more);
  return grants;
}

Result<bool> has_given_grant(store::Database& database, const seal::AccountId& account,
                             consent::Category category, consent::Purpose purpose) {
  auto row = database.prepare(
      "SELECT 1 FROM grants WHERE account = ? AND category = ? AND "
      "purpose = ? AND state = ?");
  if (!row) return carry(row);
  return row->first(account, consent::to_byte(category), consent::to_byte(purpose),
                    static_cast<std::uint8_t>(consent::GrantState::given));
}

Result<> insert_grant(store::Database& database, const StoredGrant& grant) {
  const auto& record = grant.record;
  return database.run(
      "INSERT INTO grants (grant_id, account, category, purpose, age_class, state, consent_key, "
      "notice, given_at, valid_from, valid_until, changed_at, final_at, log_index) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      record.grant, grant.account, consent::to_byte(record.category),
      consent::to_byte(record.purpose), static_cast<std::uint8_t>(record.age_class),
      static_cast<std::uint8_t>(record.state), grant.consent_key, record.notice,
      amanat::millis_of(grant.given_at), amanat::millis_of(record.valid_from),
      amanat::millis_of(record.valid_until), amanat::millis_of(record.changed_at),
      millis_of(grant.final_at), grant.index);
}

Result<> update_grant(store::Database& database, const StoredGrant& grant) {
  const auto& record = grant.record;
  return database.run(
      "UPDATE grants SET state = ?, valid_from = ?, valid_until = ?, changed_at = ?, "
      "age_class = ?, notice = ?, final_at = ? WHERE grant_id = ?",
      static_cast<std::uint8_t>(record.state), amanat::millis_of(record.valid_from),
      amanat::millis_of(record.valid_until), amanat::millis_of(record.changed_at),
      static_cast<std::uint8_t>(record.age_class), record.notice, millis_of(grant.final_at),
      record.grant);
}

Result<> finish_withdrawals(store::Database& database, const seal::AccountId& account,
                            Instant now) {
  return database.run("UPDATE grants SET final_at = ?1 WHERE account = ?2 AND final_at > ?1",
                      amanat::millis_of(now), account);
}

}  // namespace amanat::custodian
