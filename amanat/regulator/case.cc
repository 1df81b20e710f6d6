#include "amanat/regulator/case.h"

#include <set>

#include "amanat/seal/pack.h"
#include "amanat/tlog/tile.h"

namespace amanat::regulator {
namespace {

Result<Bytes> fetch_entries(const Evidence& evidence, std::string_view path) {
  const auto name = tlog::parse_tile_path(path);
  if (!name) return carry(name);
  if (name->level || name->index >= evidence.entries.size()) {
    return fail(Code::not_found, "the evidence does not hold these entries");
  }
  return evidence.entries[name->index];
}

/// Whether the log says that this run's nonce was fixed, in the reply whose checkpoint is C.
bool is_nonce_fixed(const Case& judged) {
  if (!judged.answers.challenge) return false;
  const api::Receipts& reply = judged.answers.challenge->answer;
  if (reply.receipts.size() != 1 || reply.checkpoint != judged.evidence.checkpoint) return false;
  const auto* entry = judged.log.organisation_entry(reply.receipts[0].index);
  if (entry == nullptr) return false;
  const auto challenge = tlog::body_of<tlog::AuditChallenge>(*entry);
  const auto hash = crypto::sha256(judged.evidence.nonce.bytes());
  return challenge && challenge->nonce_hash == tlog::NonceHash::from(hash.bytes()).value();
}

void take_decision(Case& judged, const api::OpenedEvent& opened) {
  // Later than C: the log that is judged does not hold it yet.
  if (opened.index >= judged.log.size()) return;
  auto decision = open_decision(judged.log, opened);
  if (decision) {
    judged.decisions.try_emplace(opened.index, *std::move(decision));
  } else {
    judged.broken_decisions.try_emplace(opened.index, decision.error().message);
  }
}

void take_object(Case& judged, std::uint64_t position) {
  SampledObject object;
  object.index = judged.log.objects()[position];
  const tlog::UserEntry* entry = judged.log.user_entry(object.index);
  ensure(entry != nullptr, "an object_store entry is a user's");
  object.erase_index = judged.log.erasure_of(entry->commitment);
  const auto found = judged.answers.openings.find(object.index);
  if (found != judged.answers.openings.end()) {
    object.is_answered = true;
    auto opened = open_object(judged.log, found->second.answer);
    if (opened) {
      opened->exchange = found->second.exchange;
      object.opened = *std::move(opened);
    } else {
      object.problem = opened.error().message;
    }
    for (const auto& decision : found->second.answer.decisions) take_decision(judged, decision);
  }
  judged.objects.emplace(position, std::move(object));
}

void take_sample(Case& judged) {
  const Draws& draws = *judged.draws;
  const std::uint32_t samples = judged.evidence.samples;
  judged.probes = choose_probes(draws, judged.log.objects().size(), samples);
  for (const Probe& probe : judged.probes) {
    if (!judged.objects.contains(probe.position)) take_object(judged, probe.position);
  }
  const auto& decisions = judged.log.decisions();
  for (const std::uint64_t i : choose_some(draws, "decision", decisions.size(), samples)) {
    judged.sampled_decisions.push_back(decisions[i]);
    const auto found = judged.answers.openings.find(decisions[i]);
    if (found == judged.answers.openings.end()) continue;
    const api::Opening& opening = found->second.answer;
    take_decision(judged, {.index = opening.index, .event = opening.event});
  }
}

}  // namespace

Result<api::Policy> read_policy(const Evidence& evidence) {
  const std::string_view text = as_text(evidence.policy);
  if (api::hash_of_policy(text) != evidence.pinned) {
    return fail(Code::invalid_input, "the policy is not the one that was pinned");
  }
  return api::parse_policy(text);
}

Result<Case> Case::read(const Evidence& evidence) {
  auto policy = read_policy(evidence);
  if (!policy) return carry(policy);
  auto checkpoint = note::open_checkpoint(evidence.checkpoint, policy->log_key);
  if (!checkpoint) return carry(checkpoint, "the log's checkpoint");
  auto log =
      Log::read([&](std::string_view path) { return fetch_entries(evidence, path); }, *checkpoint);
  if (!log) return carry(log, "the log");
  auto answers = read_answers(evidence, policy->answer_key);
  Case judged{.evidence = evidence,
              .policy = *std::move(policy),
              .checkpoint = *std::move(checkpoint),
              .log = *std::move(log),
              .answers = std::move(answers),
              .draws = {},
              .probes = {},
              .objects = {},
              .decisions = {},
              .broken_decisions = {},
              .sampled_decisions = {}};
  if (is_nonce_fixed(judged)) {
    judged.draws.emplace(judged.checkpoint.body(), evidence.nonce);
    take_sample(judged);
  }
  return judged;
}

std::vector<std::uint64_t> Case::wanted_openings() const {
  std::set<std::uint64_t> wanted(sampled_decisions.begin(), sampled_decisions.end());
  for (const auto& [position, object] : objects) wanted.insert(object.index);
  return {wanted.begin(), wanted.end()};
}

std::vector<DrawnLeaf> Case::drawn_leaves() const {
  std::vector<DrawnLeaf> leaves;
  for (const Probe& probe : probes) {
    const SampledObject& object = objects.at(probe.position);
    if (!object.opened || object.erase_index) continue;
    const std::uint64_t count = seal::kFrameLeaves * object.opened->object().frames + 1;
    leaves.push_back(
        {.probe = probe, .index = object.index, .leaf = draws->draw("leaf", probe.number, count)});
  }
  return leaves;
}

std::vector<DrawnLeaf> Case::header_leaves() const {
  std::vector<DrawnLeaf> leaves;
  std::set<std::uint64_t> seen;
  for (const Probe& probe : probes) {
    const SampledObject& object = objects.at(probe.position);
    if (!object.opened || object.erase_index || !seen.insert(probe.position).second) continue;
    if (leaves.size() >= kSamplesUsual) break;
    const std::uint64_t header = seal::kFrameLeaves * object.opened->object().frames;
    leaves.push_back({.probe = probe, .index = object.index, .leaf = header});
  }
  return leaves;
}

std::vector<std::uint64_t> Case::missing_objects() const {
  std::set<std::uint64_t> missing;
  for (const auto& [name, answered] : answers.leaves) {
    if (answered.answer.missing) missing.insert(name.first);
  }
  return {missing.begin(), missing.end()};
}

bool Case::is_erased_since(const OpenedObject& object) const {
  const auto found = answers.erasures.find(object.index);
  if (found == answers.erasures.end() || found->second.index < log.size()) return false;
  const auto event = tlog::parse_event(found->second.event);
  return event && event->type == tlog::EventType::object_erase
         && equal_in_constant_time(event->link.bytes(), object.event.commitment.bytes());
}

const OpenedDecision* Case::first_decision(const consent::GrantId& grant) const {
  const auto index = log.index_of(grant);
  if (!index) return nullptr;
  const auto found = decisions.find(*index);
  return found == decisions.end() ? nullptr : &found->second;
}

}  // namespace amanat::regulator
