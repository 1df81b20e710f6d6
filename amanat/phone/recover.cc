#include "amanat/phone/recover.h"

#include <algorithm>
#include <array>
#include <utility>

#include "amanat/phone/custodian_link.h"
#include "amanat/phone/home.h"
#include "amanat/phone/keyring_maker.h"
#include "amanat/phone/session.h"
#include "amanat/phone/vault_head.h"
#include "amanat/phone/words.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/device.h"
#include "amanat/tlog/tile.h"

namespace amanat::phone {
namespace {

/// All that a recovery works with before there is a session.
struct Recovering {
  KeyStore keys;
  PhoneRecords records;
  std::unique_ptr<CustodianLink> link;
  crypto::Signer phrase_signer;
  crypto::Signer device;
  crypto::BoxPublicKey one_time_key;
  seal::KeyringBody body;  // newest, as the words opened it
  Bytes sealed;
  Instant now;
};

struct OpenedByWords {
  seal::KeyringBody body;
  Bytes sealed;
};

Result<OpenedByWords> open_by_words(CustodianLink& link, const crypto::Signer& phrase_signer,
                                    const seal::PhraseEntropy& words, const api::Heads& heads) {
  auto answer = link.keyring(phrase_signer, heads.keyring);
  if (!answer) return carry(answer);
  auto statement = seal::KeyringStatement::parse(answer->statement);
  if (!statement) return carry(statement, "the keyring's statement");
  const seal::KeyringTerms& terms = statement->terms_unverified();
  auto key =
      seal::open_recovery_wrap(terms.place(), terms.recovery_wrap, seal::recovery_key_of(words));
  if (!key) return carry(key, "opening the keyring with the words");
  auto body = seal::open_keyring(answer->keyring, *key);
  if (!body) return carry(body, "opening the keyring with the words");
  auto held = seal::verify_for_recovery(*statement, *body, phrase_signer.public_key());
  if (held) held = seal::match_keyring(*statement, answer->keyring, *body);
  if (!held) return carry(held, "the custodian's keyring");
  if (body->account != heads.account || body->version != heads.keyring) {
    return fail(Code::forged, "the custodian's keyring is of another account or version");
  }
  return OpenedByWords{.body = std::move(*body), .sealed = std::move(answer->keyring)};
}

Result<> add_device(Recovering& recovering, const tlog::LabelKey& label_key) {
  const seal::Device device{.account = recovering.body.account,
                            .device_key = recovering.device.public_key(),
                            .one_time_key = recovering.one_time_key,
                            .phrase_key = recovering.phrase_signer.public_key(),
                            .made_at = recovering.now};
  Bytes statement = seal::sign_device(device, recovering.device, recovering.phrase_signer);
  auto event =
      make_kept_event(recovering.records, label_key, tlog::EventType::device_key, statement, {});
  if (!event) return carry(event);
  const api::AddDevice request{.device = std::move(statement), .event = tlog::encode(event->event)};
  auto receipts = recovering.link->add_device(recovering.phrase_signer, request, event->event);
  if (!receipts) return carry(receipts);
  return recovering.records.keep_receipt(event->label_index, receipts->front());
}

/// The next version is the same with this device in it, signed by the phrase key.
Result<MadeKeyring> make_with_device(Recovering& recovering, const seal::LabelKey& label_key,
                                     const api::Heads& heads) {
  seal::KeyringBody body = recovering.body.duplicate();
  body.version += 1;
  body.previous = seal::hash_keyring(recovering.sealed);
  const auto next_label = recovering.records.number_fact(fact::kNextLabel);
  if (!next_label) return carry(next_label);
  body.devices.push_back({.device_key = recovering.device.public_key(),
                          .label_key = label_key.duplicate(),
                          .added_at = recovering.now,
                          .next_label = next_label->value_or(0) + 1});
  const auto own = seal::device_id_of(recovering.device.public_key());
  return make_keyring(
      std::move(body),
      {.keys = recovering.keys,
       .device = recovering.device,
       .phrase_signer = &recovering.phrase_signer,
       .now = recovering.now,
       .one_time_key = [&](const seal::DeviceId& device) -> Result<crypto::BoxPublicKey> {
         if (device == own) return recovering.one_time_key;
         const auto found = std::ranges::find(heads.devices, device, &api::Heads::Device::device);
         if (found == heads.devices.end()) {
           return fail(Code::forged, "the custodian does not know a device of the keyring");
         }
         return crypto::BoxPublicKey::from(found->one_time_key);
       }});
}

Result<> store_with_device(Recovering& recovering, const seal::LabelKey& label_key) {
  auto heads = recovering.link->heads(recovering.device);
  if (!heads) return carry(heads);
  if (heads->keyring != recovering.body.version) {
    return fail(Code::conflict, "another device changed the keyring meanwhile: run this again");
  }
  auto made = make_with_device(recovering, label_key, *heads);
  if (!made) return carry(made);
  const auto index = recovering.records.next_label_index();
  if (!index) return carry(index);
  const std::uint64_t step = heads->sequence + 1;
  tlog::Event head;
  head.type = tlog::EventType::vault_head;
  head.label = tlog::label_of(tlog::LabelKey::from(label_key.expose()).value(), *index);
  head.commitment = tlog::Commitment::from(seal::vault_head_commitment(
                                               made->body.version, seal::hash_keyring(made->sealed),
                                               device_heads(*heads))
                                               .bytes())
                        .value();
  head.link = tlog::Link::from(seal::vault_head_link(made->body.vault_key, step).bytes()).value();
  if (auto kept = recovering.records.keep_event(*index, head); !kept) return carry(kept);
  auto receipts = recovering.link->put_keyring(recovering.device, made->body.version, made->sealed,
                                               made->statement, {.sequence = step, .head = head});
  if (!receipts) return carry(receipts);
  if (auto kept = recovering.records.keep_receipt(*index, receipts->front()); !kept) {
    return carry(kept);
  }
  auto kept =
      recovering.keys.keep_keyring(made->body.version, made->sealed, made->statement, made->key);
  if (!kept) return carry(kept);
  const auto used = std::exchange(recovering.one_time_key, made->next_one_time_key);
  recovering.body = std::move(made->body);
  recovering.sealed = std::move(made->sealed);
  return recovering.keys.destroy_one_time_key(used);
}

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

/// What the gate needs of each grant, from the keyring and the log.
Result<consent::CategorySet> remember_grants(Recovering& recovering, const api::Heads& heads) {
  auto checkpoint = note::open_checkpoint(heads.checkpoint, recovering.link->policy().log_key);
  if (!checkpoint) return carry(checkpoint);
  auto notice = published_notice(*recovering.link);
  if (!notice) return carry(notice);
  consent::CategorySet active;
  for (const seal::KeyringGrant& grant : recovering.body.grants) {
    const auto listed =
        std::ranges::find(heads.grants, grant.commitment, &api::Heads::Grant::commitment);
    if (listed == heads.grants.end()) {
      return fail(Code::forged, "the custodian does not know a consent of the keyring");
    }
    auto minute = minute_of_grant(*recovering.link, grant.commitment, listed->index,
                                  checkpoint->root().leaves);
    if (!minute) return carry(minute);
    const bool given = grant.state == seal::GrantState::given && listed->state == "given";
    if (given) active.insert(grant.category);
    auto kept = recovering.records.keep_grant(
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

Result<> remember_recovery(Recovering& recovering, const api::EnrolAddress& address,
                           ByteView policy) {
  PhoneRecords& records = recovering.records;
  auto done = records.set_fact(fact::kUrl, as_bytes(address.url));
  if (done) done = records.set_fact(fact::kPolicy, policy);
  if (done) done = records.set_fact(fact::kOneTimeKey, recovering.one_time_key.bytes());
  if (done) done = records.set_fact(fact::kAccount, recovering.body.account.bytes());
  return done;
}

/// Only a home that is not enrolled can be recovered into; leftovers of an attempt go.
Result<> clear_home(const Home& home, PhoneRecords& records) {
  const auto account = records.fact(fact::kAccount);
  if (!account) return carry(account);
  if (*account) {
    return fail(Code::conflict,
                "this phone is enrolled already: to recover, name another folder with --home");
  }
  for (const std::string_view table : {"events", "facts", "grants"}) {
    auto done = records.database().run("DELETE FROM " + std::string(table));
    if (!done) return carry(done);
  }
  return destroy_private_file(home.keys() / "device");
}

}  // namespace

Result<RecoverReport> recover(const RecoverOptions& options, Terminal& terminal,
                              const Clock& clock) {
  auto address = api::parse_enrol_address(options.address);
  if (!address) return carry(address);
  auto home = Home::open(options.home);
  if (!home) return carry(home);
  auto records = PhoneRecords::open(home->database());
  if (!records) return carry(records);
  if (auto done = clear_home(*home, *records); !done) return carry(done);
  auto words = take_words(terminal, options.words);
  if (!words) return carry(words);
  auto policy_bytes = fetch_pinned_policy(*address);
  if (!policy_bytes) return carry(policy_bytes);
  auto policy = api::parse_policy(as_text(*policy_bytes));
  if (!policy) return carry(policy);
  auto link = CustodianLink::open({.url = address->url,
                                   .policy = std::move(*policy),
                                   .evidence = home->evidence(),
                                   .clock = &clock,
                                   .records = nullptr});
  if (!link) return carry(link);

  crypto::Signer phrase_signer = seal::phrase_signer_of(*words);
  auto heads = (*link)->heads(phrase_signer);
  if (!heads) {
    if (heads.error().code == Code::forged || heads.error().code == Code::not_found) {
      return fail(
          Code::not_found,
          "this custodian keeps no vault that these words open: were they replaced by newer "
          "ones, or is it another custodian?");
    }
    return carry(heads);
  }
  auto opened = open_by_words(**link, phrase_signer, *words, *heads);
  if (!opened) return carry(opened);

  KeyStore keys(home->keys());
  if (auto done = keys.make_device_key(); !done) return carry(done);
  auto device = keys.device_key();
  if (!device) return carry(device);
  auto one_time_key = keys.make_one_time_key();
  if (!one_time_key) return carry(one_time_key);
  Recovering recovering{.keys = std::move(keys),
                        .records = std::move(*records),
                        .link = std::move(*link),
                        .phrase_signer = std::move(phrase_signer),
                        .device = std::move(*device),
                        .one_time_key = *one_time_key,
                        .body = std::move(opened->body),
                        .sealed = std::move(opened->sealed),
                        .now = clock.now()};
  const auto label_key = crypto::random_key<seal::LabelKey>();
  auto done = add_device(recovering, tlog::LabelKey::from(label_key.expose()).value());
  if (done) done = store_with_device(recovering, label_key);
  if (!done) return carry(done, "recovering");
  auto active = remember_grants(recovering, *heads);
  if (!active) return carry(active, "recovering");
  if (done = remember_recovery(recovering, *address, *policy_bytes); !done) {
    return carry(done, "recovering");
  }
  return RecoverReport{.account = recovering.body.account,
                       .device = seal::device_id_of(recovering.device.public_key()),
                       .keyring_version = recovering.body.version,
                       .active = *active,
                       .rollback_excluded = false};
}

}  // namespace amanat::phone
