#include <fmt/format.h>

#include "amanat/regulator/checks.h"
#include "amanat/tlog/receipt.h"

namespace amanat::regulator {
namespace {

constexpr std::chrono::minutes kClocksApartMax{10};

/// A checkpoint that the log's key once signed, and where we have it from.
struct Earlier {
  merkle::Root root;
  std::string note;
  std::string from;
  std::optional<std::uint64_t> differs_at;  // an entry that a phone holds and the log does not
};

struct Memory {
  std::vector<Earlier> earlier;
  std::uint64_t remembered = 0;
  std::uint64_t receipts = 0;
  std::uint64_t unusable = 0;  // of another policy, or not signed: anyone can make those up
};

void take_bundle(const Case& judged, const Bundle& bundle, Memory& memory) {
  for (const Bundle::Receipt& receipt : bundle.receipts) {
    const auto checkpoint = tlog::check_inclusion(receipt.entry, receipt.index, receipt.proof,
                                                  receipt.checkpoint, judged.policy.log_key);
    if (!checkpoint || bundle.policy != judged.evidence.pinned) {
      ++memory.unusable;
      continue;
    }
    ++memory.receipts;
    Earlier earlier{.root = checkpoint->root(),
                    .note = receipt.checkpoint,
                    .from = "a phone",
                    .differs_at = {}};
    if (receipt.index < judged.log.size()
        && !equal_in_constant_time(judged.log.bytes(receipt.index), receipt.entry)) {
      earlier.differs_at = receipt.index;
    }
    memory.earlier.push_back(std::move(earlier));
  }
}

Memory read_memory(const Case& judged) {
  Memory memory;
  if (judged.evidence.remembered) {
    const auto checkpoint =
        note::open_checkpoint(*judged.evidence.remembered, judged.policy.log_key);
    if (checkpoint) {
      ++memory.remembered;
      memory.earlier.push_back({.root = checkpoint->root(),
                                .note = *judged.evidence.remembered,
                                .from = "this verifier",
                                .differs_at = {}});
    } else {
      ++memory.unusable;
    }
  }
  for (const Bundle& bundle : judged.evidence.bundles) take_bundle(judged, bundle, memory);
  return memory;
}

void contradict(Finding& finding, const Case& judged, const Earlier& earlier, std::string reason) {
  const bool is_first = finding.verdict != Verdict::refuted;
  refute(finding, std::move(reason), earlier.differs_at.value_or(earlier.root.leaves - 1));
  if (is_first) finding.notes = {earlier.note, judged.evidence.checkpoint};
}

void compare(Finding& finding, const Case& judged, const Memory& memory) {
  std::vector<std::uint64_t> sizes;
  for (const Earlier& earlier : memory.earlier) sizes.push_back(earlier.root.leaves);
  const auto roots = judged.log.roots_at(sizes);
  for (const Earlier& earlier : memory.earlier) {
    if (earlier.root.leaves == 0) continue;
    const auto root = roots.find(earlier.root.leaves);
    if (root == roots.end()) {
      contradict(finding, judged, earlier,
                 fmt::format("the log went back: {} was shown {} signed entries, now it has {}",
                             earlier.from, earlier.root.leaves, judged.log.size()));
    } else if (root->second != earlier.root.hash && earlier.differs_at) {
      contradict(finding, judged, earlier,
                 fmt::format("the log was rewritten: entry {} is not the one {} was given under a "
                             "signed checkpoint",
                             *earlier.differs_at, earlier.from));
    } else if (root->second != earlier.root.hash) {
      contradict(finding, judged, earlier,
                 fmt::format("the log was rewritten: its first {} entries are not the ones {} was "
                             "shown under a signed checkpoint",
                             earlier.root.leaves, earlier.from));
    }
  }
}

void check_config(Finding& finding, const Case& judged) {
  const auto* entry = judged.log.organisation_entry(0);
  if (entry == nullptr) return;  // a fault of the log already
  const auto config = tlog::body_of<tlog::LogConfig>(*entry);
  if (!config) return;
  if (config->origin != judged.policy.origin) {
    refute(finding, "entry 0 names another log than the policy", 0);
  }
  if (!judged.policy.previous
      && config->policy != tlog::PolicyHash::from(judged.evidence.pinned.bytes()).value()) {
    refute(finding, "entry 0 names another policy than the pinned one", 0);
  }
}

/// The log's clock and the clock that dates answers are one custodian's: a log that stands still
/// would make nothing ever due.
void compare_clocks(Finding& finding, const Case& judged) {
  const auto& challenge = judged.answers.challenge;
  if (!challenge || challenge->answer.receipts.empty()) return;
  const std::uint64_t index = challenge->answer.receipts.front().index;
  const auto* entry = judged.log.organisation_entry(index);
  if (entry == nullptr) return;
  const auto apart = judged.answers.challenge_signed_at - instant_of(entry->minute);
  if (apart > kClocksApartMax || apart < -kClocksApartMax) {
    refute(finding,
           fmt::format("entry {} is dated {}, and the answer that carried it was signed at {}",
                       index, to_iso8601(instant_of(entry->minute)),
                       to_iso8601(judged.answers.challenge_signed_at)),
           index);
  }
}

std::string in_words(const Case& judged, const Memory& memory) {
  std::string words = fmt::format("{} entries have the signed root", judged.log.size());
  if (memory.remembered > 0) words += "; what this verifier saw before is a beginning of them";
  if (memory.receipts > 0) words += fmt::format("; {} receipts of phones fit", memory.receipts);
  if (memory.unusable > 0) {
    words += fmt::format("; {} earlier checkpoints are not this log's", memory.unusable);
  }
  if (memory.remembered + memory.receipts == 0) {
    words += "; without memory, bundles and witnesses a rewritten log cannot be seen";
  }
  return words;
}

}  // namespace

Finding check_log_consistency(const Case& judged) {
  Finding finding;
  finding.check = "log-consistency";
  for (const tlog::Fault& fault : judged.log.reading().faults) {
    refute(finding, fmt::format("entry {}: {}", fault.index, fault.message), fault.index);
  }
  check_config(finding, judged);
  compare_clocks(finding, judged);
  const Memory memory = read_memory(judged);
  compare(finding, judged, memory);
  if (finding.verdict == Verdict::refuted) return finding;
  // That others see the same log needs somebody who compares.
  const bool is_compared = memory.remembered + memory.receipts > 0;
  finding.verdict = is_compared ? Verdict::verified : Verdict::consistent_with;
  finding.reason = in_words(judged, memory);
  return finding;
}

}  // namespace amanat::regulator
