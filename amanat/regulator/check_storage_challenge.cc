#include <fmt/format.h>

#include "amanat/regulator/checks.h"

namespace amanat::regulator {
namespace {

merkle::Root pack_root(const seal::Object& object) {
  return {.leaves = std::uint64_t{object.frames} * 16 + 1,
          .hash = merkle::Hash::from(object.pack.bytes()).value()};
}

/// What is wrong with an answer; nothing when it leads to the pack id in the log.
std::optional<std::string> problem_of(const api::LeafAnswers::Answer& answer, std::uint64_t leaf,
                                      const seal::Object& object) {
  if (answer.missing) return "the custodian signs that its bytes are missing";
  const auto held = merkle::verify_inclusion(merkle::hash_leaf(answer.leaf), leaf, answer.path,
                                             pack_root(object));
  if (!held) return fmt::format("leaf {} does not lead to the pack id in the log", leaf);
  return {};
}

}  // namespace

Finding check_storage_challenge(const Case& judged) {
  Finding finding;
  finding.check = "storage-challenge";
  std::uint64_t random = 0;
  std::uint64_t further = 0;
  std::uint64_t missing = 0;
  std::uint64_t violating = 0;
  std::uint64_t erased = 0;
  for (const auto& [position, sampled] : judged.objects) {
    if (sampled.erase_index) ++erased;
    if (!sampled.erase_index && !sampled.opened) ++missing;
  }
  for (const DrawnLeaf& drawn : judged.drawn_leaves()) {
    const auto found = judged.answers.leaves.find({drawn.index, drawn.leaf});
    if (found == judged.answers.leaves.end()) {
      ++missing;
      continue;
    }
    const auto& opened = judged.objects.at(drawn.probe.position).opened;
    // Erased between the checkpoint and the question: the log of the next run has to show it.
    if (found->second.answer.missing && judged.is_erased_since(*opened)) {
      ++missing;
      continue;
    }
    ++(drawn.probe.random ? random : further);
    const auto problem = problem_of(found->second.answer, drawn.leaf, opened->object());
    if (!problem) continue;
    ++violating;
    if (finding.exchanges.empty()) finding.exchanges.push_back(found->second.exchange);
    refute(finding, fmt::format("object {}: {}", drawn.index, *problem), drawn.index);
  }
  finding.sample = Sample{.population = judged.log.objects().size(),
                          .examined = random,
                          .violating = violating,
                          .whole = false,
                          .of = "leaves"};
  const std::uint64_t standing = judged.objects.size() - erased;
  settle(judged, finding, Verdict::verified, missing,
         fmt::format("{} of {} objects not erased answered: {} random leaves, {} further", standing,
                     judged.log.objects().size() - erased, random, further));
  if (finding.verdict == Verdict::verified && random + further == 0) {
    finding.verdict = Verdict::not_examined;
    finding.reason = "every object of the sample is erased";
  }
  return finding;
}

}  // namespace amanat::regulator
