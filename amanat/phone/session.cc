#include "amanat/phone/session.h"

#include <utility>

#include "amanat/consent/builtin.h"
#include "amanat/phone/event_effects.h"
#include "amanat/phone/vault_steps.h"

namespace amanat::phone {

Result<KeptEvent> make_kept_event(PhoneRecords& records, const tlog::LabelKey& label_key,
                                  tlog::EventType type, Bytes statement,
                                  const tlog::LinkParts& parts) {
  auto transaction = store::Transaction::begin(records.database());
  if (!transaction) return carry(transaction, "keeping an event");
  const auto index = records.next_label_index();
  if (!index) return carry(index, "keeping an event");
  const auto salt = crypto::random_id<tlog::Salt>();
  const bool is_salted =
      type == tlog::EventType::object_store || type == tlog::EventType::object_read;
  const auto link_salt = is_salted ? crypto::random_id<tlog::LinkSalt>() : tlog::LinkSalt{};
  KeptEvent kept{.label_index = *index,
                 .event = tlog::make_event(type, tlog::label_of(label_key, *index), salt, link_salt,
                                           std::move(statement), parts),
                 .receipt = {}};
  if (auto done = records.keep_event(*index, kept.event); !done) {
    return carry(done, "keeping an event");
  }
  if (auto done = transaction->commit(); !done) return carry(done, "keeping an event");
  return kept;
}

Result<Session> Session::open(const std::filesystem::path& home_folder, const Clock& clock) {
  Session session;
  auto home = Home::open(home_folder);
  if (!home) return carry(home);
  session.home_ = std::make_unique<Home>(std::move(*home));
  session.keys_ = KeyStore(session.home_->keys());
  session.clock_ = &clock;

  auto records = PhoneRecords::open(session.home_->database());
  if (!records) return carry(records);
  session.records_ = std::make_unique<PhoneRecords>(std::move(*records));
  const auto account = session.records_->needed_fact(fact::kAccount);
  if (!account) return carry(account);
  const auto account_id = seal::AccountId::from(*account);
  if (!account_id) return carry(account_id);
  session.account_ = *account_id;

  const auto url = session.records_->needed_fact(fact::kUrl);
  if (!url) return carry(url);
  const auto policy_text = session.records_->needed_fact(fact::kPolicy);
  if (!policy_text) return carry(policy_text);
  auto policy = api::parse_policy(as_text(*policy_text));
  if (!policy) return carry(policy);
  auto link = CustodianLink::open({.url = std::string(as_text(*url)),
                                   .policy = std::move(*policy),
                                   .evidence = session.home_->evidence(),
                                   .clock = &clock,
                                   .records = session.records_.get()});
  if (!link) return carry(link);
  session.link_ = std::move(*link);

  auto device = session.keys_.device_key();
  if (!device) return carry(device);
  session.device_ = std::make_unique<crypto::Signer>(std::move(*device));
  auto law = consent::builtin_law("IN");
  if (!law) return carry(law);
  session.law_ = std::make_unique<const consent::LawPack>(std::move(*law));
  auto keyring = session.keys_.newest_keyring();
  if (!keyring) return carry(keyring);
  session.keyring_ = std::move(*keyring);
  if (auto done = settle_one_time_keys(session); !done) return carry(done);
  if (auto done = apply_missing_effects(*session.records_); !done) return carry(done);
  return session;
}

Result<std::unique_ptr<CustodianLink>> Session::open_second_link() const {
  const auto url = records_->needed_fact(fact::kUrl);
  if (!url) return carry(url);
  return CustodianLink::open({.url = std::string(as_text(*url)),
                              .policy = link_->policy(),
                              .evidence = home_->evidence(),
                              .clock = clock_,
                              .records = nullptr});
}

Result<tlog::LabelKey> Session::label_key() const {
  const seal::KeyringDevice* device = keyring_.body.find_device(device_id());
  if (device == nullptr) {
    return fail(Code::denied,
                "this device is not in the keyring any more: run amanat recover to add it again");
  }
  return tlog::LabelKey::from(device->label_key.expose());
}

Result<KeptEvent> Session::make_event(tlog::EventType type, Bytes statement,
                                      const tlog::LinkParts& parts) {
  const auto key = label_key();
  if (!key) return carry(key);
  return make_kept_event(*records_, *key, type, std::move(statement), parts);
}

Result<KeptEvent> Session::keep_vault_head(const seal::EventCommitment& commitment,
                                           const crypto::Hash& link) {
  const auto key = label_key();
  if (!key) return carry(key);
  auto transaction = store::Transaction::begin(records_->database());
  if (!transaction) return carry(transaction, "keeping a vault head");
  const auto index = records_->next_label_index();
  if (!index) return carry(index, "keeping a vault head");
  KeptEvent kept{.label_index = *index, .event = {}, .receipt = {}};
  kept.event.type = tlog::EventType::vault_head;
  kept.event.label = tlog::label_of(*key, *index);
  kept.event.commitment = tlog::Commitment::from(commitment.bytes()).value();
  kept.event.link = tlog::Link::from(link.bytes()).value();
  if (auto done = records_->keep_event(*index, kept.event); !done) return carry(done);
  if (auto done = transaction->commit(); !done) return carry(done, "keeping a vault head");
  return kept;
}

Result<> Session::forget_event(std::uint64_t label_index) {
  return records_->database().run("DELETE FROM events WHERE label_index = ?", label_index);
}

Result<std::vector<tlog::Receipt>> Session::send_events(std::span<const KeptEvent> events) {
  std::vector<tlog::Event> to_send;
  for (const KeptEvent& kept : events) to_send.push_back(kept.event);
  auto receipts = link_->post_events(*device_, to_send);
  if (!receipts) return carry(receipts);
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto kept = keep_acknowledged(*records_, events[i].label_index, (*receipts)[i]);
    if (!kept) return carry(kept);
  }
  return receipts;
}

Result<> Session::send_pending_events() {
  auto events = records_->consent_events();
  if (!events) return carry(events);
  for (const KeptEvent& kept : *events) {
    if (kept.receipt) continue;
    auto sent = send_events(std::span(&kept, 1));
    if (sent) continue;
    // A refusal is an answer: the event never will be in the log. Anything else is tried later.
    const Code code = sent.error().code;
    if (code != Code::denied && code != Code::invalid_input && code != Code::conflict
        && code != Code::stale) {
      return carry(sent, "sending what an earlier command left");
    }
    if (auto done = forget_event(kept.label_index); !done) return carry(done);
  }
  return {};
}

}  // namespace amanat::phone
