#include "amanat/phone/grants_elsewhere.h"

#include <algorithm>
#include <utility>

#include "amanat/tlog/tile.h"

namespace amanat::phone {
namespace {

/// The entry of a grant, fetched from the log: it says when the consent was given.
Result<Minute> minute_of_grant(CustodianLink& link, const consent::GrantId& grant,
                               std::uint64_t index, std::uint64_t log_size) {
  const std::uint64_t bundle = index / tlog::kTileWidth;
  const unsigned width = tlog::width_at(0, bundle, log_size);
  auto bytes = link.fetch("/log/" + tlog::path_of({.level = {}, .index = bundle, .width = width}),
                          tlog::kBundleBytesMax);
  if (!bytes) return carry(bytes, "reading the log");
  auto entries = tlog::parse_bundle(*bytes, width);
  if (!entries) return carry(entries, "reading the log");
  const std::uint64_t place = index % tlog::kTileWidth;
  if (place >= entries->size()) return fail(Code::forged, "the log lacks the entry of a consent");
  auto entry = tlog::parse_entry((*entries)[place]);
  if (!entry) return carry(entry, "reading the log");
  const auto* user = std::get_if<tlog::UserEntry>(&*entry);
  if (user == nullptr || tlog::grant_named_by(user->commitment) != grant) {
    return fail(Code::forged, "the log holds something else where a consent should be");
  }
  return user->minute;
}

Result<consent::NoticeId> published_notice(CustodianLink& link) {
  auto notices = link.notices();
  if (!notices) return carry(notices);
  for (const api::Notices::Notice& notice : *notices) {
    if (notice.purpose == consent::name_of(consent::Purpose::custody) && notice.language == "en") {
      return notice.sha256;
    }
  }
  return fail(Code::not_found, "the custodian publishes no notice for custody");
}

}  // namespace

Result<consent::CategorySet> remember_grants(PhoneRecords& records, CustodianLink& link,
                                             const seal::KeyringBody& body,
                                             const api::Heads& heads) {
  auto known = records.grant_records();
  if (!known) return carry(known);
  consent::CategorySet active;
  std::optional<consent::NoticeId> notice;
  for (const seal::KeyringGrant& grant : body.grants) {
    if (std::ranges::find(*known, grant.commitment, &consent::GrantRecord::grant) != known->end()) {
      continue;
    }
    const auto listed =
        std::ranges::find(heads.grants, grant.commitment, &api::Heads::Grant::commitment);
    if (listed == heads.grants.end()) {
      return fail(Code::forged, "the custodian does not know a consent of the keyring");
    }
    if (!notice) {
      auto published = published_notice(link);
      if (!published) return carry(published);
      notice = *published;
    }
    auto checkpoint = note::open_checkpoint(heads.checkpoint, link.policy().log_key);
    if (!checkpoint) return carry(checkpoint);
    auto minute = minute_of_grant(link, grant.commitment, listed->index, checkpoint->root().leaves);
    if (!minute) return carry(minute);
    const bool given = grant.state == seal::GrantState::given && listed->state == "given";
    if (given) active.insert(grant.category);
    auto kept = records.keep_grant(
        {.record = {.grant = grant.commitment,
                    .category = grant.category,
                    .purpose = grant.purpose,
                    .state = given ? consent::GrantState::given : consent::GrantState::withdrawn,
                    .valid_from = instant_of(*minute),
                    .valid_until = grant.valid_until,
                    .changed_at = instant_of(*minute),
                    .age_class = consent::AgeClass::not_stated,
                    .notice = *notice},
         .statement = {},
         .index = listed->index});
    if (!kept) return carry(kept);
  }
  return active;
}

}  // namespace amanat::phone
