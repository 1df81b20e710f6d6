#pragma once

// The case that the checks decide on: evidence taken apart, with everything that does not hold
// already left out. The gatherer builds it too, as far as it has come, to learn what to ask next,
// so that what is asked and what is judged cannot drift apart.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "amanat/api/policy.h"
#include "amanat/error/error.h"
#include "amanat/note/note.h"
#include "amanat/regulator/answers.h"
#include "amanat/regulator/draws.h"
#include "amanat/regulator/evidence.h"
#include "amanat/regulator/log.h"
#include "amanat/regulator/opened.h"

namespace amanat::regulator {

/// One object of the sample.
struct SampledObject {
  std::uint64_t index = 0;  // of its object_store entry
  std::optional<std::uint64_t> erase_index;
  bool is_answered = false;            // its opening was
  std::optional<OpenedObject> opened;  // and holds
  std::string problem;                 // or why it does not
};

/// A leaf that the seed drew.
struct DrawnLeaf {
  Probe probe;
  std::uint64_t index = 0;  // of the object_store entry
  std::uint64_t leaf = 0;
};

struct Case {
  const Evidence& evidence;  // borrowed
  api::Policy policy;
  note::VerifiedCheckpoint checkpoint;
  Log log;
  Answers answers;
  /// Set when the nonce was fixed in this log and the checkpoint is the one of that reply.
  std::optional<Draws> draws;
  std::vector<Probe> probes;
  std::map<std::uint64_t, SampledObject> objects;     // by position among the object_store entries
  std::map<std::uint64_t, OpenedDecision> decisions;  // by index
  std::map<std::uint64_t, std::string> broken_decisions;
  std::vector<std::uint64_t> sampled_decisions;  // indices that were to be opened by themselves

  /// Takes evidence apart.
  ///
  ///   fails   invalid_input when the policy is not the pinned one: then nothing can be judged
  ///           what open_checkpoint and read_log fail with: then there is no log to judge
  static Result<Case> read(const Evidence& evidence);

  bool covers_all_objects() const { return objects.size() == log.objects().size(); }
  /// Entries whose openings the sample needs, ascending.
  std::vector<std::uint64_t> wanted_openings() const;
  /// Leaves of opened objects that are not erased, in order of the draws.
  std::vector<DrawnLeaf> drawn_leaves() const;
  /// The first objects of the sample whose header leaf is looked at, with that leaf.
  std::vector<DrawnLeaf> header_leaves() const;
  /// Indices of objects with a leaf that was answered as missing.
  std::vector<std::uint64_t> missing_objects() const;
  /// Whether the custodian says that it erased this object since the checkpoint: the next run will
  /// see it in the log or not.
  bool is_erased_since(const OpenedObject& object) const;
  /// The decision that began this grant, when it was opened.
  const OpenedDecision* first_decision(const consent::GrantId& grant) const;
};

/// The policy of the evidence under its pinned hash.
Result<api::Policy> read_policy(const Evidence& evidence);

}  // namespace amanat::regulator
