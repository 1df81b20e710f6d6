// PUT and GET /v1/keyrings/{n}: sealed keys, replaced version by version.

#include <algorithm>

#include "amanat/api/messages.h"
#include "amanat/api/signature.h"
#include "amanat/custodian/caller_check.h"
#include "amanat/custodian/event_records.h"
#include "amanat/custodian/grant_records.h"
#include "amanat/custodian/query.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/statements.h"
#include "amanat/custodian/vault_records.h"
#include "amanat/custodian/vault_step.h"
#include "amanat/seal/keyring_statement.h"

namespace amanat::custodian {
namespace {

struct Posted {
  std::uint32_t version = 0;
  KeyringBytes bytes;
  seal::KeyringHash hash;
  seal::KeyringStatement statement;
  VaultStep step;

  const seal::KeyringTerms& terms() const { return statement.terms_unverified(); }
};

Result<std::uint32_t> read_version(const Call& call) {
  const auto number = read_decimal(call.parameter);
  if (!number || *number == 0 || *number > 0xffff'ffff) {
    return fail(Code::invalid_input, "a keyring is named by its version, from 1");
  }
  return static_cast<std::uint32_t>(*number);
}

/// Statement, header and path speak of the same keyring of the caller's account and device.
Result<> check_agreement(const Call& call, const Posted& posted) {
  const auto header = seal::KeyringHeader::parse(posted.bytes.sealed);
  if (!header) return carry(header);
  const seal::KeyringTerms& terms = posted.terms();
  if (terms.account != call.caller.account || header->account != call.caller.account) {
    return fail(Code::not_found, "the keyring is of another account");
  }
  if (terms.version != posted.version || header->version != posted.version
      || terms.sealed != posted.hash) {
    return fail(Code::invalid_input, "statement, keyring and address do not agree");
  }
  if (terms.device != call.caller.device()) {
    return fail(Code::forged, "the keyring was made by another device");
  }
  return {};
}

Result<Posted> read_keyring_request(const Call& call, const Bytes& body) {
  const auto version = read_version(call);
  if (!version) return carry(version);
  auto request = api::parse_put_keyring(as_text(body));
  if (!request) return carry(request);
  auto statement = seal::KeyringStatement::parse(request->statement);
  if (!statement) return carry(statement);
  auto head = read_head_event(request->head);
  if (!head) return carry(head);
  const auto hash = seal::hash_keyring(request->keyring);
  Posted posted{
      .version = *version,
      .bytes = {.sealed = std::move(request->keyring), .statement = std::move(request->statement)},
      .hash = hash,
      .statement = *std::move(statement),
      .step = {.sequence = request->sequence, .head = *std::move(head)}};
  if (auto agrees = check_agreement(call, posted); !agrees) return carry(agrees);
  if (auto held = seal::verify_signatures(posted.statement); !held) return carry(held);
  return posted;
}

/// Which of the account's words signed a version (docs/format.md §11.3).
struct Words {
  crypto::PublicKey settled;  // the settled phrase key
  bool by_settled = false;
  bool by_any = false;  // by that of some version that is kept
};

Result<Words> read_words(store::Database& database, const AccountRecord& account,
                         const Posted& posted) {
  auto keys = list_phrase_keys(database, account.account);
  if (!keys) return carry(keys);
  if (keys->empty()) keys->push_back(account.phrase_key);  // before the first version
  const auto signed_by = [&](const crypto::PublicKey& key) {
    return seal::is_signed_by_phrase_key(posted.statement, key);
  };
  return Words{.settled = keys->front(),
               .by_settled = signed_by(keys->front()),
               .by_any = std::ranges::any_of(*keys, signed_by)};
}

/// It follows the newest version, by the right of those who stand behind that one, and only words
/// that are settled confirm it.
Result<> check_succession(store::Database& database, const AccountRecord& account,
                          const Posted& posted, const Words& words) {
  if (posted.version != account.keyring + 1) {
    return fail(Code::conflict, "there is a newer keyring");
  }
  if (posted.version == 1) {
    if (posted.terms().phrase_key != account.phrase_key) {
      return fail(Code::forged, "the keyring names other words than the account");
    }
    return seal::verify_first(posted.statement);
  }
  const auto newest = read_keyring(database, account.account, account.keyring);
  if (!newest) return carry(newest);
  const auto previous = seal::KeyringStatement::parse(newest->statement);
  if (!previous) return fail(Code::corrupt, "the newest keyring's statement is damaged");
  auto follows = seal::verify_successor(*previous, posted.statement, words.settled);
  if (!follows) return follows;
  if (posted.terms().confirmed && !words.by_settled) {
    return fail(Code::denied, "only the settled words confirm: use those from before the change");
  }
  return {};
}

/// Whether the signers may leave a device out, which removes it: the settled words may. One that
/// never had a wrap, since its phone was cut off while it recovered, goes by any words of a version
/// that is kept.
Result<> check_removal(const DeviceRecord& device, const Words& words) {
  if (words.by_settled || (words.by_any && !device.wrapped)) return {};
  if (words.by_any) {
    return fail(Code::denied, "only the settled words remove a device: use the older ones");
  }
  return fail(Code::conflict, "a device of the account would be left out");
}

/// Every device gets a wrap to its newest one-time key, or is removed.
Result<> settle_devices(Turn& turn, const AccountRecord& account, const Posted& posted,
                        const Words& words) {
  store::Database& database = turn.database();
  const seal::KeyringTerms& terms = posted.terms();
  auto devices = list_devices(database, account.account);
  if (!devices) return carry(devices);
  std::size_t wrapped = 0;
  for (DeviceRecord& device : *devices) {
    const seal::KeyringWrap* wrap = terms.find_wrap(device.device);
    if (wrap == nullptr) {
      if (auto allowed = check_removal(device, words); !allowed) return allowed;
      device.retired_at = turn.now();
    } else if (wrap->one_time_key != device.one_time_key) {
      return fail(Code::conflict, "a device has published a newer one-time key");
    } else {
      ++wrapped;
      device.wrapped = true;
    }
    if (device.device == terms.device) device.one_time_key = terms.next_one_time_key;
    if (auto done = update_device(database, device); !done) return done;
  }
  if (wrapped != terms.wraps.size() || terms.find_wrap(terms.device) == nullptr) {
    return fail(Code::conflict, "the keyring is for devices that the account does not have");
  }
  return {};
}

/// What goes when this version comes: the one before after the waiting time; or, when the settled
/// words confirmed it, all older ones now, since each may hold the key that was withdrawn; or, when
/// the settled words put themselves back, those that brought other words.
Result<> supersede(Turn& turn, const AccountRecord& account, const Posted& posted,
                   const Words& words) {
  store::Database& database = turn.database();
  auto done = set_keyring_superseded(database, account.account, posted.version - 1, turn.now());
  if (done && words.by_settled && posted.terms().phrase_key == words.settled) {
    done =
        destroy_keyrings_of_other_words(database, account.account, posted.version, words.settled);
  }
  if (!done || !posted.terms().confirmed) return done;
  if (done = destroy_keyrings_before(database, account.account, posted.version); !done) return done;
  return finish_withdrawals(database, account.account, turn.now());
}

Result<> answer_again(Turn& turn, const Posted& posted, const KeyringRecord& known) {
  if (known.hash != posted.hash || known.statement_hash != crypto::sha256(posted.bytes.statement)) {
    return fail(Code::conflict, "this version of the keyring is another one");
  }
  auto same =
      check_same_head(turn.database(), known.account, posted.step, known.step, known.head_index);
  if (!same) return same;
  turn.want_receipt(known.head_index);
  return {};
}

Result<> put_in_turn(Turn& turn, const Call& call, const Posted& posted) {
  store::Database& database = turn.database();
  if (auto device = read_calling_device(database, call.caller); !device) return carry(device);
  auto account = read_account(database, call.caller.account);
  if (!account) return carry(account);
  const auto known = find_keyring(database, account->account, posted.version);
  if (!known) return carry(known);
  if (*known) return answer_again(turn, posted, **known);

  const auto words = read_words(database, *account, posted);
  if (!words) return carry(words);
  auto follows = check_succession(database, *account, posted, *words);
  if (!follows) return follows;
  if (auto fits = settle_devices(turn, *account, posted, *words); !fits) return fits;
  if (auto next = check_next_step(database, *account, posted.step); !next) return next;
  auto fits = check_head(database, *account, posted.step, posted.version, posted.hash, nullptr);
  if (!fits) return fits;

  const auto head_index = log_event(turn, account->account, posted.step.head, {});
  if (!head_index) return carry(head_index);
  account->sequence = posted.step.sequence;
  account->keyring = posted.version;
  account->phrase_key = posted.terms().phrase_key;
  if (auto done = update_account(database, *account); !done) return done;
  auto done = insert_keyring(database,
                             {.account = account->account,
                              .version = posted.version,
                              .hash = posted.hash,
                              .statement_hash = crypto::sha256(posted.bytes.statement),
                              .phrase_key = posted.terms().phrase_key,
                              .step = posted.step.sequence,
                              .head_index = *head_index},
                             posted.bytes);
  if (!done) return done;
  return supersede(turn, *account, posted, *words);
}

}  // namespace

Answer put_keyring(Call& call) {
  const auto body = api::read_signed_body(call.request);
  if (!body) return carry(body);
  const auto posted = read_keyring_request(call, *body);
  if (!posted) return carry(posted);
  auto receipts = call.world.sequencer.submit(
      call.caller.account, [&](Turn& turn) { return put_in_turn(turn, call, *posted); });
  if (!receipts) return carry(receipts);
  receipts->sequence = posted->step.sequence;
  return answer_with(api::to_text(*receipts), 201);
}

Answer get_keyring(Call& call) {
  const auto version = read_version(call);
  if (!version) return carry(version);
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  auto bytes = read_keyring(reading->database(), call.caller.account, *version);
  if (!bytes) return carry(bytes);
  return answer_with(api::to_text(api::KeyringAnswer{.keyring = std::move(bytes->sealed),
                                                     .statement = std::move(bytes->statement)}));
}

}  // namespace amanat::custodian
