#include "amanat/phone/event_effects.h"

#include <algorithm>
#include <map>
#include <utility>

#include "amanat/consent/decision.h"
#include "amanat/store/sqlite.h"

namespace amanat::phone {
namespace {

using consent::GrantState;
using tlog::EventType;

/// The link of a later event of consent is the grant itself (docs/format.md §4.3).
consent::GrantId grant_of(const tlog::Event& event) {
  if (event.type == EventType::consent_grant) return tlog::grant_named_by(event.commitment);
  return consent::GrantId::from(event.link.bytes()).value();
}

Result<std::optional<KeptGrant>> find_grant(PhoneRecords& records, const consent::GrantId& id) {
  auto grants = records.grants();
  if (!grants) return carry(grants);
  const auto found =
      std::ranges::find(*grants, id, [](const KeptGrant& kept) { return kept.record.grant; });
  if (found == grants->end()) return std::optional<KeptGrant>();
  return std::optional(std::move(*found));
}

Result<> apply_grant(PhoneRecords& records, const tlog::Receipt& receipt) {
  auto verified = consent::verify_decision(receipt.event.statement);
  if (!verified) return carry(verified);
  const consent::Decision& decision = verified->decision();
  return records.keep_grant({.record = {.grant = grant_of(receipt.event),
                                        .category = decision.category,
                                        .purpose = decision.purpose,
                                        .state = GrantState::given,
                                        .valid_from = decision.decided_at,
                                        .valid_until = decision.valid_until,
                                        .changed_at = decision.decided_at,
                                        .age_class = decision.age_class,
                                        .notice = decision.notice},
                             .statement = receipt.event.statement,
                             .index = receipt.index});
}

Result<> apply_withdrawal(PhoneRecords& records, const KeptGrant& kept, Instant at) {
  auto done = records.set_grant_state(kept.record.grant, GrantState::withdrawn, at);
  if (!done) return done;
  return records.keep_withdrawal({.grant = kept.record.grant,
                                  .category = kept.record.category,
                                  .logged_at = at,
                                  .keyring_version = 0});
}

/// Does nothing where the records are as far, or farther.
Result<> apply(PhoneRecords& records, const tlog::Receipt& receipt) {
  const EventType type = receipt.event.type;
  const consent::GrantId id = grant_of(receipt.event);
  if (type == EventType::erasure_receipt) return records.forget_withdrawal(id);
  auto kept = find_grant(records, id);
  if (!kept) return carry(kept);
  if (type == EventType::consent_grant) {
    if (*kept) return {};
    return apply_grant(records, receipt);
  }
  if (!*kept) return fail(Code::corrupt, "phone.db lacks a consent that it has a receipt about");
  const auto wanted =
      type == EventType::consent_withdraw ? GrantState::withdrawn : GrantState::given;
  if ((*kept)->record.state == wanted) return {};
  auto verified = consent::verify_decision(receipt.event.statement);
  if (!verified) return carry(verified);
  const Instant at = verified->decision().decided_at;
  if (at < (*kept)->record.changed_at) return {};
  if (wanted == GrantState::withdrawn) return apply_withdrawal(records, **kept, at);
  return records.set_grant_state(id, GrantState::given, at);
}

bool means_something(EventType type) {
  return type == EventType::consent_grant || type == EventType::consent_withdraw
         || type == EventType::withdraw_cancelled || type == EventType::erasure_receipt;
}

}  // namespace

Result<> keep_acknowledged(PhoneRecords& records, std::uint64_t label_index,
                           const tlog::Receipt& receipt) {
  auto transaction = store::Transaction::begin(records.database());
  if (!transaction) return carry(transaction, "keeping a receipt");
  auto done = records.keep_receipt(label_index, receipt);
  if (done && means_something(receipt.event.type)) done = apply(records, receipt);
  if (!done) return carry(done, "keeping a receipt");
  return transaction->commit();
}

Result<> apply_missing_effects(PhoneRecords& records) {
  auto events = records.consent_events();
  if (!events) return carry(events);
  std::map<consent::GrantId, std::vector<const tlog::Receipt*>> by_grant;
  for (const KeptEvent& kept : *events) {
    if (!kept.receipt || !means_something(kept.event.type)) continue;
    by_grant[grant_of(kept.event)].push_back(&*kept.receipt);
  }
  auto transaction = store::Transaction::begin(records.database());
  if (!transaction) return carry(transaction);
  for (auto& [grant, receipts] : by_grant) {
    std::ranges::sort(receipts, {}, &tlog::Receipt::index);
    // The grant itself comes first: what follows needs its row.
    for (const tlog::Receipt* receipt : {receipts.front(), receipts.back()}) {
      if (receipt == receipts.front() && receipt->event.type != EventType::consent_grant) continue;
      if (auto done = apply(records, *receipt); !done) {
        return carry(done, "applying what was acknowledged");
      }
    }
  }
  return transaction->commit();
}

}  // namespace amanat::phone
