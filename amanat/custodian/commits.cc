// POST /v1/commits: packs become part of the vault, or nothing happens.

#include <algorithm>
#include <bit>

#include "amanat/api/messages.h"
#include "amanat/api/signature.h"
#include "amanat/custodian/caller_check.h"
#include "amanat/custodian/event_records.h"
#include "amanat/custodian/pack_gate.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/settings.h"
#include "amanat/custodian/statements.h"
#include "amanat/custodian/vault_records.h"
#include "amanat/custodian/vault_step.h"

namespace amanat::custodian {
namespace {

struct Posted {
  seal::Commit commit;
  seal::CommitHash hash;
  Bytes statement;
  VaultStep step;
};

Result<Posted> read_commit(const Call& call, const Bytes& body) {
  auto request = api::parse_post_commit(as_text(body));
  if (!request) return carry(request);
  const auto statement = seal::Statement<seal::Commit>::parse(request->commit);
  if (!statement) return carry(statement);
  const auto commit = statement->verify(call.caller.key);
  if (!commit) return carry(commit);
  if ((*commit)->account != call.caller.account || (*commit)->device != call.caller.device()) {
    return fail(Code::not_found, "the commit is of another account or device");
  }
  auto head = read_head_event(request->head);
  if (!head) return carry(head);
  return Posted{.commit = **commit,
                .hash = seal::hash_commit(request->commit),
                .statement = std::move(request->commit),
                .step = {.sequence = request->sequence, .head = *std::move(head)}};
}

// A receipt is an entry of 128 bytes and a proof, in base64; the answer is at most 1 MiB.
Result<> check_answer_size(const Turn& turn, std::size_t receipts) {
  const auto levels = static_cast<std::size_t>(std::bit_width(turn.log_size() + receipts));
  if (receipts * (224 + 47 * levels) > api::kControlBytesMax - 4096) {
    return fail(Code::invalid_input, "commit fewer packs at once: their receipts do not fit");
  }
  return {};
}

Result<> check_history(store::Database& database, const AccountRecord& account,
                       const seal::Commit& commit) {
  seal::CommitHash previous;
  if (commit.sequence == 0) return fail(Code::invalid_input, "commits are counted from 1");
  if (commit.sequence > 1) {
    const auto last = find_commit(database, commit.device, commit.sequence - 1);
    if (!last) return carry(last);
    if (!*last) return fail(Code::conflict, "a commit before this one is missing");
    previous = (*last)->hash;
  }
  if (commit.previous != previous) {
    return fail(Code::conflict, "the commit does not follow the device's last one");
  }
  const auto keyring = find_keyring(database, account.account, account.keyring);
  if (!keyring) return carry(keyring);
  if (!*keyring || commit.keyring_version != account.keyring
      || commit.keyring != (*keyring)->hash) {
    return fail(Code::conflict, "there is a newer keyring");
  }
  return {};
}

/// Logs an added pack, or finds where it was logged before: a pack that was retired lives again.
Result<> add_pack(Turn& turn, const World& world, const seal::AccountId& account,
                  const seal::AddedPack& added) {
  store::Database& database = turn.database();
  const auto pack = find_pack(database, account, added.pack);
  if (!pack) return carry(pack);
  if (!*pack || (*pack)->state == PackState::erased || (*pack)->frames != added.frames) {
    return fail(Code::not_found, "pack " + added.pack.hex() + " is not here: store it again");
  }
  const auto event = read_object_event((*pack)->event);
  if (!event) return fail(Code::corrupt, "the event of a stored pack is damaged");
  auto allowed = check_grants(database, world.law, account, event->object(), turn.now());
  if (!allowed) return carry(allowed, "pack " + added.pack.hex());
  if ((*pack)->index) {
    turn.want_receipt(*(*pack)->index);
    return set_pack_state(database, (*pack)->row, PackState::committed);
  }
  const auto logged = find_logged(database, account, event->event);
  if (!logged) return carry(logged);
  if (*logged) return fail(Code::conflict, "the label of a pack's event was used before");
  const auto index = log_event(turn, account, event->event, {});
  if (!index) return carry(index);
  return set_pack_logged(database, (*pack)->row, *index);
}

Result<> retire_pack(store::Database& database, const seal::AccountId& account,
                     const seal::PackId& id) {
  const auto pack = find_pack(database, account, id);
  if (!pack) return carry(pack);
  if (!*pack) return fail(Code::not_found, "pack " + id.hex() + " is not here");
  if ((*pack)->state != PackState::committed) return {};  // retired or erased already
  return set_pack_state(database, (*pack)->row, PackState::retired);
}

/// The same commit again gets the same receipts.
Result<> answer_again(Turn& turn, const Call& call, const Posted& posted,
                      const CommitRecord& known) {
  if (known.hash != posted.hash) {
    return fail(Code::conflict, "the device has made another commit with this number");
  }
  store::Database& database = turn.database();
  const seal::AccountId& account = call.caller.account;
  auto same = check_same_head(database, account, posted.step, known.step, known.head_index);
  if (!same) return same;
  for (const seal::AddedPack& added : posted.commit.added) {
    const auto pack = find_pack(database, account, added.pack);
    if (!pack) return carry(pack);
    if (!*pack || !(*pack)->index) return fail(Code::corrupt, "a committed pack has no record");
    turn.want_receipt(*(*pack)->index);
  }
  turn.want_receipt(known.head_index);
  return {};
}

/// What heads tell of all devices has to fit one answer.
Result<> check_snapshot_size(store::Database& database, const Posted& posted) {
  if (posted.commit.snapshot.empty()) return {};
  const auto others =
      measure_snapshot_commits(database, posted.commit.account, posted.commit.device);
  if (!others) return carry(others);
  if (*others + posted.statement.size() > kSnapshotCommitsBytesMax) {
    return fail(Code::invalid_input, "the commit with its snapshot is too long: name fewer packs");
  }
  return {};
}

Result<> commit_in_turn(Turn& turn, const Call& call, const Posted& posted) {
  store::Database& database = turn.database();
  const seal::Commit& commit = posted.commit;
  if (auto device = read_calling_device(database, call.caller); !device) return carry(device);
  if (auto fits = check_answer_size(turn, commit.added.size() + 1); !fits) return fits;
  const auto known = find_commit(database, commit.device, commit.sequence);
  if (!known) return carry(known);
  if (*known) return answer_again(turn, call, posted, **known);

  auto account = read_account(database, call.caller.account);
  if (!account) return carry(account);
  if (auto fits = check_history(database, *account, commit); !fits) return fits;
  if (auto fits = check_snapshot_size(database, posted); !fits) return fits;
  for (const seal::PackId& retired : commit.retired) {
    if (auto done = retire_pack(database, account->account, retired); !done) return done;
  }
  for (const seal::AddedPack& added : commit.added) {
    if (auto done = add_pack(turn, call.world, account->account, added); !done) return done;
  }
  if (auto next = check_next_step(database, *account, posted.step); !next) return next;
  const seal::DeviceHead newer{.device = commit.device, .commit = posted.hash};
  auto fits =
      check_head(database, *account, posted.step, commit.keyring_version, commit.keyring, &newer);
  if (!fits) return fits;

  const auto head_index = log_event(turn, account->account, posted.step.head, {});
  if (!head_index) return carry(head_index);
  auto done = database.run("UPDATE accounts SET sequence = ? WHERE account = ?",
                           posted.step.sequence, account->account);
  if (!done) return done;
  return insert_commit(database,
                       {.device = commit.device,
                        .sequence = commit.sequence,
                        .hash = posted.hash,
                        .step = posted.step.sequence,
                        .head_index = *head_index},
                       !commit.snapshot.empty(), posted.statement);
}

}  // namespace

Answer post_commit(Call& call) {
  const auto body = api::read_signed_body(call.request);
  if (!body) return carry(body);
  const auto posted = read_commit(call, *body);
  if (!posted) return carry(posted);
  auto receipts = call.world.sequencer.submit(
      call.caller.account, [&](Turn& turn) { return commit_in_turn(turn, call, *posted); });
  if (!receipts) return carry(receipts);
  receipts->sequence = posted->step.sequence;
  return answer_with(api::to_text(*receipts));
}

}  // namespace amanat::custodian
