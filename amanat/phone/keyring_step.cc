#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "amanat/phone/keyring_maker.h"
#include "amanat/phone/vault_head.h"
#include "amanat/phone/vault_steps.h"

namespace amanat::phone {
namespace {

constexpr std::chrono::hours kWordsWait{72};

Result<crypto::BoxPublicKey> one_time_key_of(Session& session, const api::Heads& heads,
                                             const seal::DeviceId& device) {
  if (device == session.device_id()) {
    const auto own = session.records().needed_fact(fact::kOneTimeKey);
    if (!own) return carry(own);
    return crypto::BoxPublicKey::from(*own);
  }
  const auto found = std::ranges::find(heads.devices, device, &api::Heads::Device::device);
  if (found == heads.devices.end()) {
    return fail(Code::conflict, "the custodian does not know a device that the keyring names");
  }
  return crypto::BoxPublicKey::from(found->one_time_key);
}

Result<seal::KeyringBody> next_body(Session& session, const KeyringChange& change) {
  seal::KeyringBody body = session.keyring().body.duplicate();
  body.version += 1;
  body.previous = session.keyring().hash();
  const auto next_label = session.records().number_fact(fact::kNextLabel);
  if (!next_label) return carry(next_label);
  for (seal::KeyringDevice& device : body.devices) {
    if (device.id() == session.device_id()) {
      device.next_label = std::max(device.next_label, next_label->value_or(0));
    }
  }
  if (auto done = change.apply(body); !done) return carry(done);
  return body;
}

/// No version before `version` counts any more: neither its words nor its keys.
Result<> end_before(Session& session, std::uint32_t version) {
  const auto known = session.records().number_fact(fact::kEndedBefore);
  if (!known) return carry(known);
  if (known->value_or(0) >= version) return {};
  return session.records().set_fact(fact::kEndedBefore, std::uint64_t{version});
}

/// Keeps what was acknowledged, and only then lets go of the used one-time key.
Result<> adopt(Session& session, MadeKeyring made, bool confirmed) {
  if (confirmed) {
    if (auto done = end_before(session, made.body.version); !done) return done;
  }
  auto kept = session.keys().keep_keyring(made.body.version, made.sealed, made.statement, made.key);
  if (!kept) return carry(kept);
  const auto used = session.records().fact(fact::kOneTimeKey);
  if (!used) return carry(used);
  auto next = session.records().set_fact(fact::kOneTimeKey, made.next_one_time_key.bytes());
  if (!next) return carry(next);
  if (*used) {
    const auto key = crypto::BoxPublicKey::from(**used);
    if (!key) return carry(key);
    if (auto gone = session.keys().destroy_one_time_key(*key); !gone) return carry(gone);
  }
  session.use_keyring({.sealed = std::move(made.sealed),
                       .statement = std::move(made.statement),
                       .body = std::move(made.body)});
  return {};
}

Result<> try_next_keyring(Session& session, const KeyringChange& change) {
  auto heads = session.link().heads(session.device());
  if (!heads) return carry(heads);
  if (auto done = catch_up_keyring(session, *heads); !done) return carry(done);
  auto body = next_body(session, change);
  if (!body) return carry(body);
  auto made = make_keyring(std::move(*body), {.keys = session.keys(),
                                              .device = session.device(),
                                              .phrase_signer = change.phrase_signer,
                                              .confirmed = change.phrase_signer != nullptr,
                                              .now = session.clock().now(),
                                              .one_time_key = [&](const seal::DeviceId& device) {
                                                return one_time_key_of(session, *heads, device);
                                              }});
  if (!made) return carry(made);
  const std::uint64_t step = heads->sequence + 1;
  auto head = make_vault_head(session, step, made->body.version, seal::hash_keyring(made->sealed),
                              device_heads(*heads));
  if (!head) return carry(head);
  auto receipts =
      session.link().put_keyring(session.device(), made->body.version, made->sealed,
                                 made->statement, {.sequence = step, .head = head->event});
  if (!receipts) {
    // A refused head never enters the log; one whose fate is unknown shows in the next heads.
    if (receipts.error().code == Code::conflict) {
      if (auto gone = session.forget_event(head->label_index); !gone) return carry(gone);
      if (auto gone = session.keys().destroy_one_time_key(made->next_one_time_key); !gone) {
        return carry(gone);
      }
    }
    return carry(receipts);
  }
  auto kept = session.records().keep_receipt(head->label_index, receipts->front());
  if (!kept) return carry(kept);
  return adopt(session, std::move(*made), change.phrase_signer != nullptr);
}

bool is_signed_by(const seal::KeyringStatement& statement, const crypto::PublicKey& phrase_key) {
  return std::ranges::any_of(statement.signatures(), [&](const seal::KeyringSignature& signature) {
    return signature.kind == seal::KeyringSignerKind::phrase_key && signature.key == phrase_key;
  });
}

/// A later version is made by whoever may replace the one this phone has: a device of it, its
/// words, or those that are settled. Versions between may be gone; the one right after names this
/// one.
Result<> check_follows(Session& session, const seal::KeyringStatement& later, ByteView sealed,
                       const seal::KeyringBody& body, const crypto::PublicKey& settled) {
  const seal::KeyringTerms& terms = later.terms_unverified();
  const OpenKeyring& present = session.keyring();
  const bool is_next = terms.version == present.version() + 1;
  if (terms.account != present.body.account || (is_next && terms.previous != present.hash())) {
    return fail(Code::conflict, "it does not follow the one before");
  }
  if (auto done = seal::verify_signatures(later); !done) return carry(done);
  const bool by_device =
      std::ranges::any_of(later.signatures(), [&](const seal::KeyringSignature& signature) {
        return signature.kind == seal::KeyringSignerKind::device
               && present.body.find_device(seal::device_id_of(signature.key)) != nullptr;
      });
  if (!by_device && !is_signed_by(later, present.body.phrase_key)
      && !is_signed_by(later, settled)) {
    return fail(Code::forged, "nobody whom this phone knows signed it");
  }
  return seal::match_keyring(later, sealed, body);
}

Result<> catch_up_one(Session& session, std::uint32_t version) {
  auto answer = session.link().keyring(session.device(), version);
  if (!answer) return carry(answer);
  auto statement = seal::KeyringStatement::parse(answer->statement);
  if (!statement) return carry(statement);
  const seal::KeyringTerms& terms = statement->terms_unverified();
  const seal::KeyringWrap* wrap = terms.find_wrap(session.device_id());
  if (wrap == nullptr) {
    return fail(Code::denied,
                "another device removed this one: run amanat recover to add it again");
  }
  auto one_time = session.keys().one_time_key(wrap->one_time_key);
  if (!one_time) return carry(one_time);
  auto key = seal::open_device_wrap(terms.place(), wrap->wrap, session.device_id(), *one_time);
  if (!key) return carry(key, "opening the wrap of the keyring");
  auto body = seal::open_keyring(answer->keyring, *key);
  if (!body) return carry(body);
  const auto settled = settled_phrase_key(session);
  if (!settled) return carry(settled);
  if (auto done = check_follows(session, *statement, answer->keyring, *body, *settled); !done) {
    return carry(done, "a keyring that another device made");
  }
  if (terms.confirmed && is_signed_by(*statement, *settled)) {
    if (auto done = end_before(session, version); !done) return carry(done);
  }
  // When the answer to our own upload was lost, the next key stands in the statement; when another
  // device made it, a new one is published with our next version or device statement.
  const crypto::BoxPublicKey next =
      terms.device == session.device_id() ? terms.next_one_time_key : wrap->one_time_key;
  auto kept = session.keys().keep_keyring(version, answer->keyring, answer->statement, *key);
  if (!kept) return carry(kept);
  if (auto done = session.records().set_fact(fact::kOneTimeKey, next.bytes()); !done) {
    return carry(done);
  }
  if (next != wrap->one_time_key) {
    if (auto gone = session.keys().destroy_one_time_key(wrap->one_time_key); !gone) {
      return carry(gone);
    }
  }
  session.use_keyring({.sealed = std::move(answer->keyring),
                       .statement = std::move(answer->statement),
                       .body = std::move(*body)});
  return {};
}

}  // namespace

Result<> store_next_keyring(Session& session, const KeyringChange& change) {
  return until_not_overtaken([&] { return try_next_keyring(session, change); });
}

Result<crypto::PublicKey> settled_phrase_key(Session& session) {
  const std::vector<std::uint32_t> versions = session.keys().versions();
  const auto ended = session.records().number_fact(fact::kEndedBefore);
  if (!ended) return carry(ended);
  const auto oldest = std::ranges::find_if(
      versions, [&](std::uint32_t version) { return version >= ended->value_or(0); });
  if (oldest == versions.end()) return session.keyring().body.phrase_key;
  auto keyring = session.keys().open_keyring(*oldest);
  if (!keyring) return carry(keyring, "opening the oldest keyring");
  return keyring->body.phrase_key;
}

Result<> settle_one_time_keys(Session& session) {
  auto statement = seal::KeyringStatement::parse(session.keyring().statement);
  if (!statement) return carry(statement);
  const seal::KeyringTerms& terms = statement->terms_unverified();
  const seal::KeyringWrap* wrap = terms.find_wrap(session.device_id());
  if (wrap == nullptr || terms.device != session.device_id()) return {};
  const auto known = session.records().needed_fact(fact::kOneTimeKey);
  if (!known) return carry(known);
  if (!std::ranges::equal(*known, terms.next_one_time_key.bytes())) {
    auto done = session.records().set_fact(fact::kOneTimeKey, terms.next_one_time_key.bytes());
    if (!done) return done;
  }
  return session.keys().destroy_one_time_key(wrap->one_time_key);
}

Result<> catch_up_keyring(Session& session, const api::Heads& heads) {
  for (std::uint32_t version = session.keyring().version() + 1; version <= heads.keyring;
       ++version) {
    // A confirmed version ends those before it; some may be gone before this phone saw them.
    const bool is_there = std::ranges::find(heads.keyrings, version) != heads.keyrings.end();
    if (!is_there && version != heads.keyring) continue;
    if (auto done = catch_up_one(session, version); !done) {
      return carry(done, "catching up with keyring " + std::to_string(version));
    }
  }
  if (heads.keyring < session.keyring().version()) {
    return fail(Code::forged,
                "the custodian has an older keyring than this phone: it was rolled back; tell its "
                "operator, and do not protect anything there until it is explained");
  }
  if (!heads.keyrings.empty()) {
    if (auto done = end_before(session, heads.keyrings.front()); !done) return carry(done);
  }
  // Nothing of ours is on its way now: what else lies there was used, or made for nothing.
  const auto own = session.records().needed_fact(fact::kOneTimeKey);
  if (!own) return carry(own);
  const auto key = crypto::BoxPublicKey::from(*own);
  if (!key) return carry(key);
  return session.keys().destroy_one_time_keys_except(*key);
}

namespace {

/// The oldest version whose words may still count: each that brought new words, was not confirmed
/// and is not 72 hours old leaves those before it.
Result<std::uint32_t> oldest_with_words(Session& session) {
  std::vector<std::uint32_t> versions = session.keys().versions();
  const auto ended = session.records().number_fact(fact::kEndedBefore);
  if (!ended) return carry(ended);
  std::uint32_t oldest = session.keyring().version();
  crypto::PublicKey words = session.keyring().body.phrase_key;
  auto newer = seal::KeyringStatement::parse(session.keyring().statement);
  std::ranges::reverse(versions);
  for (const std::uint32_t version : versions) {
    if (version >= session.keyring().version()) continue;
    if (!newer) return carry(newer);
    const bool waits = session.clock().now() < newer->terms_unverified().time + kWordsWait;
    if (version < ended->value_or(0) || !waits) break;
    auto keyring = session.keys().open_keyring(version);
    if (!keyring) return carry(keyring);
    if (keyring->body.phrase_key != words) oldest = version;
    words = keyring->body.phrase_key;
    newer = seal::KeyringStatement::parse(keyring->statement);
  }
  return oldest;
}

}  // namespace

Result<> retire_old_keyrings(Session& session) {
  auto withdrawals = session.records().withdrawals();
  if (!withdrawals) return carry(withdrawals);
  const auto with_words = oldest_with_words(session);
  if (!with_words) return carry(with_words);
  std::uint32_t needed = *with_words;
  for (const PendingWithdrawal& withdrawal : *withdrawals) {
    // Until its keyring is stored, any version may be what a cancellation goes back to.
    if (withdrawal.keyring_version == 0) return {};
    needed = std::min(needed, withdrawal.keyring_version - 1);
  }
  return destroy_older_keyrings(session, needed);
}

Result<> destroy_older_keyrings(Session& session, std::uint32_t version) {
  for (const std::uint32_t older : session.keys().versions()) {
    if (older >= version) continue;
    if (auto done = session.keys().destroy_keyring(older); !done) return carry(done);
  }
  return {};
}

}  // namespace amanat::phone
