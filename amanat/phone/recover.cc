#include "amanat/phone/recover.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "amanat/phone/custodian_link.h"
#include "amanat/phone/grants_elsewhere.h"
#include "amanat/phone/home.h"
#include "amanat/phone/keyring_maker.h"
#include "amanat/phone/session.h"
#include "amanat/phone/vault_head.h"
#include "amanat/phone/words.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/device.h"

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
  seal::KeyringBody body;  // as the words opened it
  std::uint32_t newest = 0;
  seal::KeyringHash newest_hash;
  Instant now;
};

struct OpenedByWords {
  seal::KeyringBody body;
  Bytes sealed;
  Bytes statement;
  seal::KeyringKey key;
  std::uint32_t newest = 0;       // version that the custodian has
  seal::KeyringHash newest_hash;  // of that one
};

/// A version of the keyring as the custodian gives it out, not opened yet.
struct Fetched {
  std::uint32_t version = 0;
  Bytes sealed;
  seal::KeyringStatement statement;
  const seal::KeyringTerms& terms() const { return statement.terms_unverified(); }
};

Result<Fetched> fetch_version(CustodianLink& link, const crypto::Signer& phrase_signer,
                              std::uint32_t version) {
  auto answer = link.keyring(phrase_signer, version);
  if (!answer) return carry(answer);
  auto statement = seal::KeyringStatement::parse(answer->statement);
  if (!statement) return carry(statement, "the keyring's statement");
  return Fetched{
      .version = version, .sealed = std::move(answer->keyring), .statement = std::move(*statement)};
}

/// The newest version that has these words. An older one than the newest counts while its words are
/// the settled ones: those of the oldest version that is kept (docs/format.md §11.3).
Result<Fetched> find_version(CustodianLink& link, const crypto::Signer& phrase_signer,
                             const api::Heads& heads, const Fetched& newest) {
  if (newest.terms().phrase_key == phrase_signer.public_key()) return newest;
  std::optional<Fetched> found;
  std::optional<crypto::PublicKey> settled;
  for (const std::uint32_t version : heads.keyrings) {
    auto fetched = fetch_version(link, phrase_signer, version);
    if (!fetched) return carry(fetched);
    const crypto::PublicKey& words = fetched->terms().phrase_key;
    if (!settled) settled = words;
    if (words == phrase_signer.public_key()) found = std::move(*fetched);
  }
  if (found && settled == phrase_signer.public_key()) return std::move(*found);
  return fail(Code::denied,
              "these words were replaced before they counted: use the newest ones, or those from "
              "before the withdrawals of the last 72 hours");
}

Result<OpenedByWords> open_by_words(CustodianLink& link, const crypto::Signer& phrase_signer,
                                    const seal::PhraseEntropy& words, const api::Heads& heads) {
  auto newest = fetch_version(link, phrase_signer, heads.keyring);
  if (!newest) return carry(newest);
  auto found = find_version(link, phrase_signer, heads, *newest);
  if (!found) return carry(found);
  const seal::KeyringTerms& terms = found->terms();
  auto key =
      seal::open_recovery_wrap(terms.place(), terms.recovery_wrap, seal::recovery_key_of(words));
  if (!key) return carry(key, "opening the keyring with the words");
  auto body = seal::open_keyring(found->sealed, *key);
  if (!body) return carry(body, "opening the keyring with the words");
  auto held = seal::verify_for_recovery(found->statement, *body, phrase_signer.public_key());
  if (held) held = seal::match_keyring(found->statement, found->sealed, *body);
  if (!held) return carry(held, "the custodian's keyring");
  if (body->account != heads.account || body->version != found->version) {
    return fail(Code::forged, "the custodian's keyring is of another account or version");
  }
  const ByteView statement = found->statement.bytes();
  return OpenedByWords{.body = std::move(*body),
                       .sealed = std::move(found->sealed),
                       .statement = Bytes(statement.begin(), statement.end()),
                       .key = std::move(*key),
                       .newest = newest->version,
                       .newest_hash = seal::hash_keyring(newest->sealed)};
}

/// Adds the device; after an attempt that was cut off, with the very event it had made.
Result<> add_device(Recovering& recovering, const tlog::LabelKey& label_key) {
  auto event = recovering.records.event(0);
  if (!event) return carry(event);
  if (*event && (*event)->receipt) return {};
  if (!*event) {
    const seal::Device device{.account = recovering.body.account,
                              .device_key = recovering.device.public_key(),
                              .one_time_key = recovering.one_time_key,
                              .phrase_key = recovering.phrase_signer.public_key(),
                              .made_at = recovering.now};
    auto made =
        make_kept_event(recovering.records, label_key, tlog::EventType::device_key,
                        seal::sign_device(device, recovering.device, recovering.phrase_signer), {});
    if (!made) return carry(made);
    *event = std::move(*made);
  }
  const tlog::Event& sent = (*event)->event;
  const api::AddDevice request{.device = sent.statement, .event = tlog::encode(sent)};
  auto receipts = recovering.link->add_device(recovering.phrase_signer, request, sent);
  if (!receipts) return carry(receipts);
  return recovering.records.keep_receipt((*event)->label_index, receipts->front());
}

/// What the versions between brought stays unknown: devices that joined since are left out, and
/// the next key generation is one that none of them can have begun, for each begins one at most.
Result<> go_back(seal::KeyringBody& body, std::uint32_t newest, const api::Heads& heads) {
  std::erase_if(body.devices, [&](const seal::KeyringDevice& device) {
    return std::ranges::find(heads.devices, device.id(), &api::Heads::Device::device)
           == heads.devices.end();
  });
  const std::uint64_t generation = std::uint64_t{body.generation} + (newest - body.version) + 1;
  if (generation > std::numeric_limits<seal::Generation>::max()) {
    return fail(Code::conflict, "the vault has had too many key generations");
  }
  start_generation(body, static_cast<seal::Generation>(generation));
  return {};
}

/// The next version is the one the words opened with this device in it, signed by the phrase key.
Result<MadeKeyring> make_with_device(Recovering& recovering, const seal::LabelKey& label_key,
                                     const api::Heads& heads) {
  seal::KeyringBody body = recovering.body.duplicate();
  if (body.version != recovering.newest) {
    if (auto done = go_back(body, recovering.newest, heads); !done) return carry(done);
  }
  body.version = recovering.newest + 1;
  body.previous = recovering.newest_hash;
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
  if (heads->keyring != recovering.newest) {
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
  return recovering.keys.destroy_one_time_key(used);
}

/// Withdrawals whose keys these words still have: the person decides whether they go on.
Result<consent::CategorySet> remember_waiting(Recovering& recovering) {
  auto grants = recovering.records.grant_records();
  if (!grants) return carry(grants);
  consent::CategorySet waiting;
  for (const consent::GrantRecord& record : *grants) {
    const seal::KeyringGrant* grant = recovering.body.find_grant(record.grant);
    if (record.state == consent::GrantState::given || grant == nullptr
        || grant->state != seal::GrantState::given) {
      continue;
    }
    auto kept = recovering.records.keep_withdrawal({.grant = record.grant,
                                                    .category = record.category,
                                                    .logged_at = recovering.now,
                                                    .keyring_version = 0});
    if (!kept) return carry(kept);
    waiting.insert(record.category);
  }
  return waiting;
}

Result<> remember_recovery(Recovering& recovering, const api::EnrolAddress& address,
                           ByteView policy) {
  PhoneRecords& records = recovering.records;
  auto transaction = store::Transaction::begin(records.database());
  if (!transaction) return carry(transaction);
  auto done = records.set_fact(fact::kUrl, as_bytes(address.url));
  if (done) done = records.set_fact(fact::kPolicy, policy);
  if (done) done = records.set_fact(fact::kOneTimeKey, recovering.one_time_key.bytes());
  if (done) done = records.set_fact(fact::kAccount, recovering.body.account.bytes());
  if (done) done = records.forget_fact(fact::kRecovering);
  if (!done) return done;
  return transaction->commit();
}

/// The keyring has this device already: only the answer that said so was lost.
Result<> take_stored(Recovering& recovering, OpenedByWords opened) {
  auto statement = seal::KeyringStatement::parse(opened.statement);
  if (!statement) return carry(statement);
  const seal::KeyringTerms& terms = statement->terms_unverified();
  const seal::KeyringWrap* wrap =
      terms.find_wrap(seal::device_id_of(recovering.device.public_key()));
  if (wrap == nullptr) return fail(Code::forged, "the keyring has this device, but no wrap for it");
  const bool is_ours = terms.device == wrap->device;
  recovering.one_time_key = is_ours ? terms.next_one_time_key : wrap->one_time_key;
  if (auto there = recovering.keys.one_time_key(recovering.one_time_key); !there) {
    return carry(there);
  }
  return recovering.keys.keep_keyring(recovering.body.version, opened.sealed, opened.statement,
                                      opened.key);
}

std::filesystem::path label_key_path(const Home& home) { return home.keys() / "recovering-label"; }

/// What one attempt needs so that the next goes on with it.
struct Attempt {
  crypto::BoxPublicKey one_time_key;
  seal::LabelKey label_key;
};

Result<> check_not_enrolled(PhoneRecords& records) {
  const auto account = records.fact(fact::kAccount);
  if (!account) return carry(account);
  if (!*account) return {};
  return fail(Code::conflict,
              "this phone is enrolled already: to recover, name another folder with --home");
}

/// Leftovers that cannot be gone on with go.
Result<> clear_home(const Home& home, PhoneRecords& records) {
  for (const std::string_view table : {"events", "facts", "grants"}) {
    auto done = records.database().run("DELETE FROM " + std::string(table));
    if (!done) return carry(done);
  }
  if (auto done = destroy_private_file(label_key_path(home)); !done) return done;
  return destroy_private_file(home.keys() / "device");
}

/// The attempt that was made here for this account with these words; none when there was none.
Result<std::optional<Attempt>> find_attempt(const Home& home, PhoneRecords& records,
                                            const crypto::Hash& vault) {
  const auto kept = records.fact(fact::kRecovering);
  if (!kept) return carry(kept);
  const auto one_time = records.fact(fact::kOneTimeKey);
  if (!one_time) return carry(one_time);
  if (!*kept || !*one_time || !std::ranges::equal(**kept, vault.bytes())) {
    return std::optional<Attempt>();
  }
  auto key = crypto::BoxPublicKey::from(**one_time);
  if (!key) return carry(key);
  const auto bytes = read_private_file(label_key_path(home), seal::LabelKey::kSize);
  if (!bytes) return carry(bytes, "reading the label key");
  auto label_key = seal::LabelKey::from(bytes->expose());
  if (!label_key) return carry(label_key);
  return std::optional(Attempt{.one_time_key = *key, .label_key = std::move(*label_key)});
}

/// Goes on with an attempt that was cut off, or begins one. A device that is added and never gets a
/// wrap would stand in the way of every later keyring.
Result<Attempt> begin_attempt(const Home& home, PhoneRecords& records, const KeyStore& keys,
                              const crypto::Hash& vault) {
  auto found = find_attempt(home, records, vault);
  if (!found) return carry(found);
  if (*found) return std::move(**found);
  if (auto done = clear_home(home, records); !done) return carry(done);
  if (auto done = keys.make_device_key(); !done) return carry(done);
  auto one_time_key = keys.make_one_time_key();
  if (!one_time_key) return carry(one_time_key);
  Attempt attempt{.one_time_key = *one_time_key, .label_key = crypto::random_key<seal::LabelKey>()};
  auto done = write_private_file(label_key_path(home), attempt.label_key.expose());
  if (done) done = records.set_fact(fact::kOneTimeKey, one_time_key->bytes());
  // From here on the attempt is whole.
  if (done) done = records.set_fact(fact::kRecovering, vault.bytes());
  if (!done) return carry(done);
  return attempt;
}

/// Account and words: an attempt goes on only for the same ones.
crypto::Hash name_vault(const seal::AccountId& account, const crypto::PublicKey& phrase_key) {
  Bytes both;
  append(both, account.bytes());
  append(both, phrase_key.bytes());
  return crypto::sha256(both);
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
  if (auto done = check_not_enrolled(*records); !done) return carry(done);
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
  auto attempt = begin_attempt(*home, *records, keys,
                               name_vault(opened->body.account, phrase_signer.public_key()));
  if (!attempt) return carry(attempt, "recovering");
  auto device = keys.device_key();
  if (!device) return carry(device);
  Recovering recovering{.keys = std::move(keys),
                        .records = std::move(*records),
                        .link = std::move(*link),
                        .phrase_signer = std::move(phrase_signer),
                        .device = std::move(*device),
                        .one_time_key = attempt->one_time_key,
                        .body = opened->body.duplicate(),
                        .newest = opened->newest,
                        .newest_hash = opened->newest_hash,
                        .now = clock.now()};
  const std::uint32_t opened_version = opened->body.version;
  const auto own = seal::device_id_of(recovering.device.public_key());
  if (opened->body.find_device(own) != nullptr) {
    auto done = take_stored(recovering, std::move(*opened));
    if (!done) return carry(done, "recovering");
  } else {
    const seal::LabelKey& label_key = attempt->label_key;
    auto done = add_device(recovering, tlog::LabelKey::from(label_key.expose()).value());
    if (done) done = store_with_device(recovering, label_key);
    if (!done) return carry(done, "recovering");
  }
  auto known = remember_grants(recovering.records, *recovering.link, recovering.body, *heads);
  if (!known) return carry(known, "recovering");
  auto waiting = remember_waiting(recovering);
  if (!waiting) return carry(waiting, "recovering");
  auto grants = recovering.records.grant_records();
  if (!grants) return carry(grants);
  consent::CategorySet active;
  for (const consent::GrantRecord& grant : *grants) {
    if (grant.state == consent::GrantState::given) active.insert(grant.category);
  }
  auto done = destroy_private_file(label_key_path(*home));  // the keyring has it
  if (done) done = remember_recovery(recovering, *address, *policy_bytes);
  if (!done) return carry(done, "recovering");
  return RecoverReport{.account = recovering.body.account,
                       .device = seal::device_id_of(recovering.device.public_key()),
                       .keyring_version = recovering.body.version,
                       .active = active,
                       .waiting = *waiting,
                       .went_back = recovering.body.version != opened_version + 1
                                    && recovering.body.version != opened_version,
                       .rollback_excluded = false};
}

}  // namespace amanat::phone
