#pragma once

// How the verifier speaks: four verdicts and never more, and two states that are none
// (docs/format.md §13). A sampled verdict says how much was looked at and what that excludes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/api/policy.h"
#include "amanat/codec/json.h"

namespace amanat::regulator {

enum class Verdict : std::uint8_t {
  verified,         // shown by signed bytes alone, whoever is dishonest
  consistent_with,  // nothing contradicts it, and what would show a lie was looked at
  self_reported,    // the custodian's word, signed
  refuted,          // signed bytes contradict it: anyone can reach this again
  unanswered,       // asked, and not answered in a way that counts
  not_examined,     // not looked at, or there was nothing to look at
};
std::string_view name_of(Verdict verdict);  // "consistent with"

/// How much of what was looked at.
struct Sample {
  std::uint64_t population = 0;
  std::uint64_t examined = 0;  // draws, or members when all were looked at
  std::uint64_t violating = 0;
  bool whole = false;  // every member was looked at
  std::string of;      // "objects"
  friend bool operator==(const Sample&, const Sample&) = default;
};

/// "0 of 459 sampled objects violate: fewer than 1.00 % do, at 99 %"; "0 of all 12 objects …".
std::string in_words(const Sample& sample);

/// What one check found. The indices say on which signed bytes it rests.
struct Finding {
  std::string check;  // a name of controls.json
  Verdict verdict = Verdict::not_examined;
  std::string reason;  // one line
  std::optional<Sample> sample;
  std::vector<std::uint64_t> entries;    // of the log
  std::vector<std::uint64_t> exchanges;  // of the evidence
  std::vector<std::string> notes;        // contradicting checkpoints
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// Adds one contradiction to a finding: the first gives the reason, all are counted.
void refute(Finding& finding, std::string reason, std::uint64_t entry);

/// All that one run came to.
struct Report {
  std::string url;
  std::uint64_t finished = 0;
  api::PolicyHash policy;
  std::uint64_t log_size = 0;
  std::uint64_t witnesses = 0;
  std::uint64_t unanswered = 0;
  std::vector<Finding> findings;
  bool is_refuted() const;
  bool is_unanswered() const;  // some check was not answered in a way that counts
};

/// The JSON of `--json` (docs/api.md §8).
json::Value to_json(const Report& report);
/// The table for people, at most 100 columns.
std::string to_table(const Report& report);

}  // namespace amanat::regulator
