#include <algorithm>
#include <utility>

#include "amanat/phone/vault_head.h"
#include "amanat/phone/vault_steps.h"

namespace amanat::phone {
namespace {

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

/// Remembers which commit and which snapshot are this device's last.
Result<> note_commit(PhoneRecords& records, const seal::Commit& commit, ByteView statement) {
  auto done = records.set_fact(fact::kCommitSequence, commit.sequence);
  if (done) done = records.set_fact(fact::kCommitHash, seal::hash_commit(statement).bytes());
  if (!done || commit.snapshot.empty()) return done;
  const auto sequence = records.number_fact(fact::kSnapshotSequence);
  if (!sequence) return carry(sequence);
  done = records.set_fact(fact::kSnapshotSequence, sequence->value_or(0) + 1);
  if (!done) return done;
  return records.set_fact(fact::kSnapshotHash, seal::hash_snapshot(commit.snapshot).bytes());
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
  if (done) done = note_commit(records, sent.commit, pending.statement);
  if (done) done = records.forget_fact(fact::kPendingCommit);
  if (!done) return carry(done, "keeping the commit");
  return transaction->commit();
}

/// Refusals that sending again cannot change: somebody else was faster, a consent has ended, a pack
/// was swept away.
bool is_final(Code code) {
  return code == Code::conflict || code == Code::denied || code == Code::invalid_input
         || code == Code::not_found;
}

Result<> forget_pending(Session& session, const PendingCommit& pending) {
  if (auto gone = session.records().forget_fact(fact::kPendingCommit); !gone) return carry(gone);
  return session.forget_event(pending.head_label);
}

/// Sends a kept commit. One that never will be accepted is forgotten.
Result<> send_commit(Session& session, const PendingCommit& pending) {
  auto sent = read_sent(session, pending.statement);
  if (!sent) return carry(sent);
  auto head = session.records().event(pending.head_label);
  if (!head) return carry(head);
  if (!*head) return fail(Code::corrupt, "phone.db has a commit without its vault head");
  auto receipts = session.link().post_commit(session.device(), pending.statement, sent->stored,
                                             {.sequence = pending.step, .head = (*head)->event});
  if (receipts) return remember_commit(session, pending, *sent, *receipts);
  if (is_final(receipts.error().code)) {
    if (auto gone = forget_pending(session, pending); !gone) return carry(gone);
  }
  return carry(receipts);
}

/// Whether phone.db still has every pack of this commit: a withdrawal or a loss takes some away.
Result<bool> knows_packs(Session& session, const seal::Commit& commit) {
  for (const seal::AddedPack& added : commit.added) {
    auto pack = session.records().pack(added.pack);
    if (!pack) return carry(pack);
    if (!*pack) return false;
  }
  return true;
}

/// Lets go of a commit that cannot be sent as it was. Where it was accepted all the same, the next
/// one follows it, and gets the receipts of the packs that are left.
Result<> let_go(Session& session, const PendingCommit& pending, const seal::Commit& commit) {
  const auto heads = session.link().heads(session.device());
  if (!heads) return carry(heads);
  const auto own =
      std::ranges::find(heads->commits, session.device_id(), &api::Heads::Commit::device);
  if (own != heads->commits.end() && own->hash == seal::hash_commit(pending.statement)) {
    if (auto done = note_commit(session.records(), commit, pending.statement); !done) return done;
  }
  return forget_pending(session, pending);
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

Result<> settle_pending_commit(Session& session) {
  auto pending = read_pending(session.records());
  if (!pending) return carry(pending);
  if (!*pending) return {};
  const auto parsed = seal::Statement<seal::Commit>::parse((*pending)->statement);
  if (!parsed) return carry(parsed, "a commit in phone.db");
  const seal::Commit& commit = parsed->body_unverified();  // ours
  const auto known = knows_packs(session, commit);
  if (!known) return carry(known);
  if (!*known) return let_go(session, **pending, commit);
  auto sent = send_commit(session, **pending);
  if (!sent && !is_final(sent.error().code)) return carry(sent, "sending an earlier commit");
  return {};
}

Result<> store_commit(Session& session, const CommitPlan& plan) {
  if (auto done = settle_pending_commit(session); !done) return carry(done);
  CommitPlan left{.added = {}, .retired = plan.retired, .trees = plan.trees};
  for (const KeptPack& pack : plan.added) {
    const auto kept = session.records().pack(pack.id);
    if (!kept) return carry(kept);
    if (*kept && (*kept)->state != PackState::committed) left.added.push_back(**kept);
  }
  return until_not_overtaken([&] { return try_commit(session, left); });
}

}  // namespace amanat::phone
