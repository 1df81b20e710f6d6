#include <algorithm>
#include <string>
#include <utility>

#include "amanat/phone/keyring_maker.h"
#include "amanat/phone/vault_head.h"
#include "amanat/phone/vault_steps.h"

namespace amanat::phone {
namespace {

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

/// Keeps what was acknowledged, and only then lets go of the used one-time key.
Result<> adopt(Session& session, MadeKeyring made) {
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
  return adopt(session, std::move(*made));
}

Result<> check_follows(Session& session, const seal::KeyringStatement& next, ByteView sealed,
                       const seal::KeyringBody& body) {
  auto previous = seal::KeyringStatement::parse(session.keyring().statement);
  if (!previous) return carry(previous);
  if (auto done = seal::verify_successor(*previous, next); !done) return carry(done);
  return seal::match_keyring(next, sealed, body);
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
  if (auto done = check_follows(session, *statement, answer->keyring, *body); !done) {
    return carry(done, "a keyring that another device made");
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

Result<> catch_up_keyring(Session& session, const api::Heads& heads) {
  for (std::uint32_t version = session.keyring().version() + 1; version <= heads.keyring;
       ++version) {
    if (auto done = catch_up_one(session, version); !done) {
      return carry(done, "catching up with keyring " + std::to_string(version));
    }
  }
  if (heads.keyring < session.keyring().version()) {
    return fail(Code::forged,
                "the custodian has an older keyring than this phone: it was rolled back; tell its "
                "operator, and do not protect anything there until it is explained");
  }
  return {};
}

Result<> retire_old_keyrings(Session& session) {
  auto withdrawals = session.records().withdrawals();
  if (!withdrawals) return carry(withdrawals);
  std::uint32_t needed = session.keyring().version();
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
