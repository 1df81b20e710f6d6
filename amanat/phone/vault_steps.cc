#include "amanat/phone/vault_steps.h"

#include <algorithm>
#include <array>
#include <utility>

namespace amanat::phone {
namespace {

constexpr int kTriesMax = 5;

/// All devices' newest commits, as the custodian says and, for ours, as we know.
std::vector<seal::DeviceHead> device_heads(const api::Heads& heads) {
  std::vector<seal::DeviceHead> found;
  for (const api::Heads::Commit& commit : heads.commits) {
    found.push_back({.device = commit.device, .commit = commit.hash});
  }
  return found;
}

Result<KeptEvent> make_vault_head(Session& session, std::uint64_t step, std::uint32_t version,
                                  const seal::KeyringHash& keyring,
                                  std::vector<seal::DeviceHead> heads) {
  return session.keep_vault_head(seal::vault_head_commitment(version, keyring, std::move(heads)),
                                 seal::vault_head_link(session.keyring().body.vault_key, step));
}

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

/// A keyring version that is made and not stored anywhere yet.
struct MadeKeyring {
  seal::KeyringBody body;
  seal::KeyringKey key;
  Bytes sealed;
  Bytes statement;
  crypto::BoxPublicKey next_one_time_key;
};

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

Result<MadeKeyring> make_next(Session& session, const KeyringChange& change,
                              const api::Heads& heads) {
  auto body = next_body(session, change);
  if (!body) return carry(body);
  MadeKeyring made{.body = std::move(*body),
                   .key = crypto::random_key<seal::KeyringKey>(),
                   .sealed = {},
                   .statement = {},
                   .next_one_time_key = {}};
  auto sealed = seal::seal_keyring(made.body, made.key);
  if (!sealed) return carry(sealed, "sealing the keyring");
  made.sealed = std::move(*sealed);
  auto next_one_time = session.keys().make_one_time_key();
  if (!next_one_time) return carry(next_one_time);
  made.next_one_time_key = *next_one_time;

  seal::KeyringTerms terms;
  terms.account = session.account();
  terms.version = made.body.version;
  terms.previous = made.body.previous;
  terms.sealed = seal::hash_keyring(made.sealed);
  terms.recovery_wrap = seal::wrap_for_recovery(terms.place(), made.key, made.body.recovery_key);
  for (const seal::KeyringDevice& device : made.body.devices) {
    const auto one_time = one_time_key_of(session, heads, device.id());
    if (!one_time) return carry(one_time);
    terms.wraps.push_back(
        {.device = device.id(),
         .one_time_key = *one_time,
         .wrap = seal::wrap_for_device(terms.place(), made.key, device.id(), *one_time)});
  }
  std::ranges::sort(terms.wraps, {}, &seal::KeyringWrap::device);
  terms.next_one_time_key = made.next_one_time_key;
  terms.device = session.device_id();
  terms.phrase_key = made.body.phrase_key;
  terms.confirmed = change.phrase_signer != nullptr;
  terms.time = session.clock().now();

  std::vector<seal::KeyringSigner> signers{
      {.kind = seal::KeyringSignerKind::device, .signer = session.device()}};
  if (change.phrase_signer != nullptr) {
    signers.push_back(
        {.kind = seal::KeyringSignerKind::phrase_key, .signer = *change.phrase_signer});
  }
  made.statement = seal::sign_keyring(terms, signers);
  return made;
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
  auto made = make_next(session, change, *heads);
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

/// Repeats a step that somebody else overtook.
Result<> until_not_overtaken(const std::function<Result<>()>& step) {
  for (int tries = 1;; ++tries) {
    auto done = step();
    if (done || done.error().code != Code::conflict || tries == kTriesMax) return done;
  }
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

/// A commit on its way: kept in phone.db until its answer is.
struct PendingCommit {
  std::uint64_t step = 0;
  std::uint64_t head_label = 0;
  Bytes statement;
};

Result<> keep_pending(PhoneRecords& records, const PendingCommit& pending) {
  codec::Writer writer;
  writer.u64(pending.step);
  writer.u64(pending.head_label);
  writer.vector32(pending.statement, seal::kCommitBytesMax);
  return records.set_fact(fact::kPendingCommit, writer.bytes());
}

Result<std::optional<PendingCommit>> read_pending(PhoneRecords& records) {
  const auto kept = records.fact(fact::kPendingCommit);
  if (!kept) return carry(kept);
  if (!*kept) return std::optional<PendingCommit>();
  codec::Reader reader(**kept);
  PendingCommit pending;
  pending.step = reader.u64();
  pending.head_label = reader.u64();
  const ByteView statement = reader.vector32(seal::kCommitBytesMax);
  pending.statement = Bytes(statement.begin(), statement.end());
  if (auto done = reader.finish("pending commit in phone.db"); !done) return carry(done);
  return std::optional(std::move(pending));
}

Result<Bytes> seal_trees(Session& session, const std::vector<seal::SnapshotTree>& trees,
                         Instant now) {
  const auto previous = session.records().fact(fact::kSnapshotHash);
  if (!previous) return carry(previous);
  const auto sequence = session.records().number_fact(fact::kSnapshotSequence);
  if (!sequence) return carry(sequence);
  seal::Snapshot snapshot{.device = session.device_id(),
                          .sequence = sequence->value_or(0) + 1,
                          .previous = {},
                          .time = now,
                          .trees = trees};
  if (*previous) {
    const auto hash = seal::SnapshotHash::from(**previous);
    if (!hash) return carry(hash);
    snapshot.previous = *hash;
  }
  const seal::KeyringBody& body = session.keyring().body;
  const seal::SnapshotKey* key = body.find_snapshot_key(body.generation);
  ensure(key != nullptr, "every key generation has a snapshot key");
  return seal::seal_snapshot(snapshot, session.account(), body.generation, *key);
}

Result<Bytes> make_commit(Session& session, const CommitPlan& plan, const api::Heads& heads) {
  const Instant now = session.clock().now();
  seal::Commit commit;
  commit.account = session.account();
  commit.device = session.device_id();
  const auto own =
      std::ranges::find(heads.commits, session.device_id(), &api::Heads::Commit::device);
  commit.sequence = own == heads.commits.end() ? 1 : own->sequence + 1;
  if (own != heads.commits.end()) commit.previous = own->hash;
  commit.keyring_version = session.keyring().version();
  commit.keyring = session.keyring().hash();
  for (const KeptPack& pack : plan.added) {
    commit.added.push_back({.pack = pack.id, .frames = pack.frames});
  }
  commit.retired = plan.retired;
  if (plan.trees) {
    auto sealed = seal_trees(session, *plan.trees, now);
    if (!sealed) return carry(sealed, "sealing the snapshot");
    commit.snapshot = std::move(*sealed);
  }
  commit.time = now;
  return seal::sign(commit, session.device());
}

struct SentCommit {
  seal::Commit commit;
  std::vector<KeptPack> added;
  std::vector<tlog::Event> stored;  // their events, in order
};

Result<SentCommit> read_sent(Session& session, ByteView statement) {
  auto parsed = seal::Statement<seal::Commit>::parse(statement);
  if (!parsed) return carry(parsed);
  SentCommit sent{.commit = parsed->body_unverified(), .added = {}, .stored = {}};
  for (const seal::AddedPack& added : sent.commit.added) {
    auto pack = session.records().pack(added.pack);
    if (!pack) return carry(pack);
    if (!*pack) return fail(Code::corrupt, "phone.db has a commit of an unknown pack");
    auto kept = session.records().event((*pack)->label_index);
    if (!kept) return carry(kept);
    if (!*kept) return fail(Code::corrupt, "phone.db has a pack without its event");
    sent.added.push_back(**pack);
    sent.stored.push_back(std::move((*kept)->event));
  }
  return sent;
}

Result<> remember_commit(Session& session, const PendingCommit& pending, const SentCommit& sent,
                         std::span<const tlog::Receipt> receipts) {
  PhoneRecords& records = session.records();
  auto transaction = store::Transaction::begin(records.database());
  if (!transaction) return carry(transaction, "keeping the commit");
  for (std::size_t i = 0; i < sent.added.size(); ++i) {
    const KeptPack& pack = sent.added[i];
    if (auto done = records.keep_receipt(pack.label_index, receipts[i]); !done) return carry(done);
    if (auto done = records.set_pack_state(pack.id, PackState::committed); !done) {
      return carry(done);
    }
  }
  auto done = records.keep_receipt(pending.head_label, receipts.back());
  if (done) done = records.set_fact(fact::kCommitSequence, sent.commit.sequence);
  if (done)
    done = records.set_fact(fact::kCommitHash, seal::hash_commit(pending.statement).bytes());
  if (done && !sent.commit.snapshot.empty()) {
    const auto sequence = records.number_fact(fact::kSnapshotSequence);
    if (!sequence) return carry(sequence);
    done = records.set_fact(fact::kSnapshotSequence, sequence->value_or(0) + 1);
    if (done) {
      done =
          records.set_fact(fact::kSnapshotHash, seal::hash_snapshot(sent.commit.snapshot).bytes());
    }
  }
  if (done) done = records.forget_fact(fact::kPendingCommit);
  if (!done) return carry(done, "keeping the commit");
  return transaction->commit();
}

/// Sends a kept commit. When somebody else was faster it will never be accepted, and is forgotten.
Result<> send_commit(Session& session, const PendingCommit& pending) {
  auto sent = read_sent(session, pending.statement);
  if (!sent) return carry(sent);
  auto head = session.records().event(pending.head_label);
  if (!head) return carry(head);
  if (!*head) return fail(Code::corrupt, "phone.db has a commit without its vault head");
  auto receipts = session.link().post_commit(session.device(), pending.statement, sent->stored,
                                             {.sequence = pending.step, .head = (*head)->event});
  if (receipts) return remember_commit(session, pending, *sent, *receipts);
  const Code code = receipts.error().code;
  if (code == Code::conflict || code == Code::denied || code == Code::invalid_input) {
    if (auto gone = session.records().forget_fact(fact::kPendingCommit); !gone) return carry(gone);
    if (auto gone = session.forget_event(pending.head_label); !gone) return carry(gone);
  }
  return carry(receipts);
}

Result<> send_pending_commit(Session& session) {
  auto pending = read_pending(session.records());
  if (!pending) return carry(pending);
  if (!*pending) return {};
  auto sent = send_commit(session, **pending);
  if (!sent && sent.error().code != Code::conflict) return carry(sent);
  return {};
}

Result<> try_commit(Session& session, const CommitPlan& plan) {
  auto heads = session.link().heads(session.device());
  if (!heads) return carry(heads);
  if (auto done = catch_up_keyring(session, *heads); !done) return carry(done);
  PendingCommit pending{.step = heads->sequence + 1, .head_label = 0, .statement = {}};
  auto statement = make_commit(session, plan, *heads);
  if (!statement) return carry(statement);
  pending.statement = std::move(*statement);

  std::vector<seal::DeviceHead> after = device_heads(*heads);
  std::erase_if(after, [&](const auto& head) { return head.device == session.device_id(); });
  after.push_back({.device = session.device_id(), .commit = seal::hash_commit(pending.statement)});
  auto head = make_vault_head(session, pending.step, session.keyring().version(),
                              session.keyring().hash(), std::move(after));
  if (!head) return carry(head);
  pending.head_label = head->label_index;
  if (auto kept = keep_pending(session.records(), pending); !kept) return carry(kept);
  return send_commit(session, pending);
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

Result<> destroy_older_keyrings(Session& session, std::uint32_t version) {
  for (const std::uint32_t older : session.keys().versions()) {
    if (older >= version) continue;
    if (auto done = session.keys().destroy_keyring(older); !done) return carry(done);
  }
  return {};
}

Result<> store_commit(Session& session, const CommitPlan& plan) {
  if (auto done = send_pending_commit(session); !done) return carry(done);
  CommitPlan left{.added = {}, .retired = plan.retired, .trees = plan.trees};
  for (const KeptPack& pack : plan.added) {
    const auto kept = session.records().pack(pack.id);
    if (!kept) return carry(kept);
    if (*kept && (*kept)->state != PackState::committed) left.added.push_back(**kept);
  }
  return until_not_overtaken([&] { return try_commit(session, left); });
}

}  // namespace amanat::phone
