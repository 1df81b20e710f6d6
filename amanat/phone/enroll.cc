#include "amanat/phone/enroll.h"

#include <array>
#include <utility>

#include "amanat/phone/custodian_link.h"
#include "amanat/phone/home.h"
#include "amanat/phone/keyring_maker.h"
#include "amanat/phone/session.h"
#include "amanat/phone/words.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/device.h"

namespace amanat::phone {
namespace {

constexpr std::uint64_t kFirstStep = 1;

/// All that an enrolment works with before there is a session.
struct Joining {
  KeyStore keys;
  PhoneRecords records;
  std::unique_ptr<CustodianLink> link;
  crypto::Signer device;
  crypto::Signer phrase_signer;
  crypto::BoxPublicKey one_time_key;
  seal::KeyringBody body;
  Instant now;

  tlog::LabelKey label_key() const {
    return tlog::LabelKey::from(body.devices.front().label_key.expose()).value();
  }
};

/// Throws away what an attempt that was cut off left behind.
Result<> forget_attempt(const Home& home, PhoneRecords& records) {
  if (auto done = destroy_private_file(home.keys() / "device"); !done) return carry(done);
  if (auto done = records.database().run("DELETE FROM events"); !done) return carry(done);
  return records.database().run("DELETE FROM facts");
}

seal::KeyringBody first_body(const crypto::PublicKey& device, const seal::PhraseEntropy& entropy,
                             const crypto::PublicKey& phrase_key, Instant now) {
  seal::KeyringBody body;
  body.version = 1;
  body.account = crypto::random_id<seal::AccountId>();
  body.vault_key = crypto::random_key<seal::VaultKey>();
  body.recovery_key = seal::recovery_key_of(entropy);
  body.phrase_key = phrase_key;
  body.snapshot_keys.push_back(
      {.generation = body.generation, .key = crypto::random_key<seal::SnapshotKey>()});
  body.devices.push_back({.device_key = device,
                          .label_key = crypto::random_key<seal::LabelKey>(),
                          .added_at = now,
                          .next_label = 0});
  return body;
}

Result<> open_account(Joining& joining, const std::optional<std::string>& token) {
  const seal::Device device{.account = joining.body.account,
                            .device_key = joining.device.public_key(),
                            .one_time_key = joining.one_time_key,
                            .phrase_key = joining.body.phrase_key,
                            .made_at = joining.now};
  Bytes statement = seal::sign_device(device, joining.device, joining.phrase_signer);
  auto event = make_kept_event(joining.records, joining.label_key(), tlog::EventType::device_key,
                               statement, {});
  if (!event) return carry(event);
  const api::OpenAccount request{.account = joining.body.account,
                                 .device = std::move(statement),
                                 .event = tlog::encode(event->event),
                                 .token = token};
  auto receipts = joining.link->open_account(joining.device, request, event->event);
  if (!receipts) return carry(receipts);
  return joining.records.keep_receipt(event->label_index, receipts->front());
}

Result<> store_first_keyring(Joining& joining) {
  auto made = make_keyring(std::move(joining.body),
                           {.keys = joining.keys,
                            .device = joining.device,
                            .phrase_signer = &joining.phrase_signer,
                            .now = joining.now,
                            .one_time_key = [&](const seal::DeviceId&) {
                              return Result<crypto::BoxPublicKey>(joining.one_time_key);
                            }});
  if (!made) return carry(made);
  joining.body = made->body.duplicate();
  const auto index = joining.records.next_label_index();
  if (!index) return carry(index);
  tlog::Event head;
  head.type = tlog::EventType::vault_head;
  head.label = tlog::label_of(joining.label_key(), *index);
  head.commitment =
      tlog::Commitment::from(
          seal::vault_head_commitment(1, seal::hash_keyring(made->sealed), {}).bytes())
          .value();
  head.link =
      tlog::Link::from(seal::vault_head_link(made->body.vault_key, kFirstStep).bytes()).value();
  if (auto kept = joining.records.keep_event(*index, head); !kept) return carry(kept);
  auto receipts = joining.link->put_keyring(joining.device, 1, made->sealed, made->statement,
                                            {.sequence = kFirstStep, .head = head});
  if (!receipts) return carry(receipts);
  if (auto kept = joining.records.keep_receipt(*index, receipts->front()); !kept) {
    return carry(kept);
  }
  auto kept = joining.keys.keep_keyring(1, made->sealed, made->statement, made->key);
  if (!kept) return carry(kept);
  const auto used = std::exchange(joining.one_time_key, made->next_one_time_key);
  return joining.keys.destroy_one_time_key(used);
}

/// The account comes last: with it the phone counts as enrolled.
Result<> remember_enrolment(Joining& joining, const api::EnrolAddress& address, ByteView policy) {
  PhoneRecords& records = joining.records;
  auto transaction = store::Transaction::begin(records.database());
  if (!transaction) return carry(transaction);
  auto done = records.set_fact(fact::kUrl, as_bytes(address.url));
  if (done) done = records.set_fact(fact::kPolicy, policy);
  if (done) done = records.set_fact(fact::kOneTimeKey, joining.one_time_key.bytes());
  if (done) done = records.set_fact(fact::kAccount, joining.body.account.bytes());
  if (!done) return carry(done, "keeping the enrolment");
  return transaction->commit();
}

}  // namespace

Result<EnrollReport> enroll(const EnrollOptions& options, Terminal& terminal, const Clock& clock) {
  auto address = api::parse_enrol_address(options.address);
  if (!address) return carry(address);
  auto home = Home::open(options.home);
  if (!home) return carry(home);
  auto records = PhoneRecords::open(home->database());
  if (!records) return carry(records);
  const auto account = records->fact(fact::kAccount);
  if (!account) return carry(account);
  if (*account) {
    return fail(Code::conflict,
                "this phone is enrolled already: to start anew, name another folder with --home");
  }
  auto policy_bytes = fetch_pinned_policy(*address);
  if (!policy_bytes) return carry(policy_bytes);
  auto policy = api::parse_policy(as_text(*policy_bytes));
  if (!policy) return carry(policy);

  const auto entropy = crypto::random_key<seal::PhraseEntropy>();
  if (auto done = hand_over_words(entropy, terminal, options.words_out); !done) return carry(done);
  if (auto done = forget_attempt(*home, *records); !done) return carry(done);

  KeyStore keys(home->keys());
  if (auto done = keys.make_device_key(); !done) return carry(done);
  auto device = keys.device_key();
  if (!device) return carry(device);
  auto one_time_key = keys.make_one_time_key();
  if (!one_time_key) return carry(one_time_key);
  EnrollReport report{.account = {},
                      .device = seal::device_id_of(device->public_key()),
                      .policy = address->policy,
                      .region = policy->region,
                      .quorum = policy->quorum};
  auto link = CustodianLink::open({.url = address->url,
                                   .policy = std::move(*policy),
                                   .evidence = home->evidence(),
                                   .clock = &clock,
                                   .records = nullptr});
  if (!link) return carry(link);
  crypto::Signer phrase_signer = seal::phrase_signer_of(entropy);
  seal::KeyringBody body =
      first_body(device->public_key(), entropy, phrase_signer.public_key(), clock.now());
  report.account = body.account;
  Joining joining{.keys = std::move(keys),
                  .records = std::move(*records),
                  .link = std::move(*link),
                  .device = std::move(*device),
                  .phrase_signer = std::move(phrase_signer),
                  .one_time_key = *one_time_key,
                  .body = std::move(body),
                  .now = clock.now()};
  if (auto done = open_account(joining, options.token); !done) return carry(done, "enrolling");
  if (auto done = store_first_keyring(joining); !done) return carry(done, "enrolling");
  if (auto done = remember_enrolment(joining, *address, *policy_bytes); !done) {
    return carry(done, "enrolling");
  }
  return report;
}

}  // namespace amanat::phone
