// POST /v1/challenges: a device asks for leaves of its own packs; an auditor fixes a nonce, and
// then asks for the leaves it drew (docs/format.md §13).

#include "amanat/api/messages.h"
#include "amanat/api/signature.h"
#include "amanat/custodian/audit_log.h"
#include "amanat/custodian/auditor_records.h"
#include "amanat/custodian/pack_leaves.h"
#include "amanat/custodian/routes.h"

namespace amanat::custodian {
namespace {

Result<api::LeafAnswers::Answer> answer_own(const Call& call, store::Database& database,
                                            const api::OwnLeaves::Leaf& asked) {
  const auto pack = find_pack(database, call.caller.account, asked.pack);
  if (!pack) return carry(pack);
  if (!*pack || (*pack)->state == PackState::erased) {
    return fail(Code::not_found, "there is no such pack");
  }
  return answer_leaf(database, call.world.blobs, **pack, asked.leaf);
}

Answer answer_device(Call& call, std::string_view body) {
  const auto request = api::parse_own_leaves(body);
  if (!request) return carry(request);
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  api::LeafAnswers answers;
  for (const auto& asked : request->leaves) {
    auto answer = answer_own(call, reading->database(), asked);
    if (!answer) return carry(answer);
    answers.answers.push_back(*std::move(answer));
  }
  return answer_with(api::to_text(answers));
}

Result<> fix_in_turn(Turn& turn, const api::KeyId& auditor, const api::NonceHash& nonce_hash) {
  const auto fixed = find_challenge(turn.database(), auditor, nonce_hash);
  if (!fixed) return carry(fixed);
  if (*fixed) {
    turn.want_receipt(**fixed);
    return {};
  }
  const tlog::AuditChallenge challenge{.nonce_hash =
                                           tlog::NonceHash::from(nonce_hash.bytes()).value()};
  const auto index = log_organisation(turn, challenge);
  turn.want_receipt(index);
  return insert_challenge(turn.database(), auditor, nonce_hash, index);
}

Answer fix_nonce(Call& call, const api::FixNonce& request) {
  const auto receipts = call.world.sequencer.submit(
      {}, [&](Turn& turn) { return fix_in_turn(turn, call.caller.key_id, request.nonce_hash); });
  if (!receipts) return carry(receipts);
  return answer_with(api::to_text(*receipts));
}

Result<> check_fixed(const Call& call, const api::AuditNonce& nonce) {
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  const auto hash = api::NonceHash::from(crypto::sha256(nonce.bytes()).bytes()).value();
  const auto fixed = find_challenge(reading->database(), call.caller.key_id, hash);
  if (!fixed) return carry(fixed);
  if (!*fixed) return fail(Code::denied, "fix the nonce first, by its hash");
  return {};
}

Answer answer_auditor(Call& call, const api::DrawnLeaves& request) {
  if (auto fixed = check_fixed(call, request.nonce); !fixed) return carry(fixed);
  if (auto logged = log_access(call, tlog::AuditAccess::Kind::challenges, request.leaves.size());
      !logged) {
    return carry(logged);
  }
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  api::LeafAnswers answers;
  for (const auto& asked : request.leaves) {
    const auto pack = find_pack_at(reading->database(), asked.index);
    if (!pack) return carry(pack);
    if (!*pack) return fail(Code::not_found, "no object was stored by this entry");
    auto answer = answer_leaf(reading->database(), call.world.blobs, **pack, asked.leaf);
    if (!answer) return carry(answer);
    answers.answers.push_back(*std::move(answer));
  }
  return answer_with(api::to_text(answers));
}

}  // namespace

Answer post_challenges(Call& call) {
  const auto body = api::read_signed_body(call.request);
  if (!body) return carry(body);
  if (call.caller.kind == CallerKind::device) return answer_device(call, as_text(*body));
  if (const auto fix = api::parse_fix_nonce(as_text(*body))) return fix_nonce(call, *fix);
  const auto drawn = api::parse_drawn_leaves(as_text(*body));
  if (!drawn) return carry(drawn);
  return answer_auditor(call, *drawn);
}

}  // namespace amanat::custodian
