#include "amanat/custodian/founding.h"

#include <algorithm>
#include <string>
#include <vector>

#include "amanat/consent/notice_template.h"
#include "amanat/custodian/notice_records.h"
#include "amanat/custodian/schema.h"
#include "amanat/custodian/sequencer.h"
#include "amanat/tlog/bodies.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kMaker = "maker";

tlog::PolicyHash policy_hash(const Identity& identity) {
  return tlog::PolicyHash::from(identity.policy_hash.bytes()).value();
}

/// The maker that notices name: as told now, as told before, or the demonstration.
Result<consent::MakerFacts> read_maker(store::Database& database, const Identity& identity,
                                       const Settings& settings) {
  consent::MakerFacts maker = consent::demonstration_maker();
  maker.region = identity.policy.region;
  if (settings.maker) {
    auto done = write_fact(database, kMaker, as_bytes(*settings.maker));
    if (!done) return carry(done);
  }
  const auto name = read_fact(database, kMaker);
  if (!name) return carry(name);
  if (*name) maker.name = as_text(**name);
  return maker;
}

template <class Body>
Bytes entry_of(const Body& body, Instant now) {
  return tlog::encode(tlog::organisation_entry(body, minute_of(now)));
}

/// Log 0 and 1: what the log is, and where the data lies.
std::vector<Bytes> first_entries(const Identity& identity, const Settings& settings, Instant now) {
  const tlog::Region region = *tlog::region_from_name(identity.policy.region);
  const tlog::LogConfig config{.origin = identity.policy.origin,
                               .policy = policy_hash(identity),
                               .region = region,
                               .batch_ms = static_cast<std::uint32_t>(settings.batch_wait.count())};
  const tlog::ResidencyAssertion residency{
      .region = region, .kind = tlog::ResidencyAssertion::Kind::folder, .place = ""};
  return {entry_of(config, now), entry_of(residency, now)};
}

Result<> check_first_entry(tlog::Ledger& ledger, const Identity& identity) {
  const auto bytes = ledger.entry(0);
  if (!bytes) return carry(bytes, "reading the log's first entry");
  const auto entry = tlog::parse_entry(*bytes);
  const auto* organisation = entry ? std::get_if<tlog::OrganisationEntry>(&*entry) : nullptr;
  if (organisation == nullptr)
    return fail(Code::corrupt, "the log does not begin with its own name");
  const auto config = tlog::body_of<tlog::LogConfig>(*organisation);
  if (!config || config->policy != policy_hash(identity)
      || config->origin != identity.policy.origin) {
    return fail(Code::corrupt, "the log belongs to another policy");
  }
  return {};
}

Result<> publish(store::Database& database, const std::vector<PublishedNotice>& notices,
                 std::vector<Bytes>& entries, Instant now) {
  for (const PublishedNotice& notice : notices) {
    if (auto done = insert_notice(database, notice); !done) return done;
    entries.push_back(entry_of(tlog::PurposeNotice{.purpose = consent::to_byte(notice.purpose),
                                                   .language = notice.language,
                                                   .notice = notice.id},
                               now));
  }
  return {};
}

}  // namespace

Result<> bring_up_to_date(store::Database& database, tlog::Ledger& ledger, const Identity& identity,
                          const Settings& settings, Instant now) {
  auto transaction = store::Transaction::begin(database);
  if (!transaction) return carry(transaction);
  const auto size = ledger.size();
  if (!size) return carry(size);
  // A clock that went back stops us only when there is something to log.
  const auto time = choose_log_time(database, now);
  const Instant entry_time = time.value_or(now);
  std::vector<Bytes> entries;
  if (*size == 0) {
    entries = first_entries(identity, settings, entry_time);
  } else if (auto same = check_first_entry(ledger, identity); !same) {
    return same;
  }
  const auto maker = read_maker(database, identity, settings);
  if (!maker) return carry(maker);
  const auto notices =
      make_new_notices(database, *maker, std::chrono::floor<std::chrono::days>(entry_time));
  if (!notices) return carry(notices);
  if (auto done = publish(database, *notices, entries, entry_time); !done) return done;
  if (entries.empty()) return transaction->commit();
  if (!time) return carry(time);
  const auto appended = ledger.append(entries, identity.log_seed);
  if (!appended) return carry(appended);
  if (auto done = note_log_time(database, entry_time); !done) return done;
  return transaction->commit();
}

}  // namespace amanat::custodian
