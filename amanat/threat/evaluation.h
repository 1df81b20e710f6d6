#pragma once

// One object against the signatures that may fit it.
//
// First the index finds anchors, and each is confirmed by the part of the pattern around it; who
// asked for that part becomes a candidate. Then candidates are evaluated: conditions, then the
// expression, which asks for subsignatures one by one. What the index has found is known; any other
// pattern is searched for when it is asked for, and its matches are kept for whoever asks again.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "amanat/signature/offset.h"
#include "amanat/threat/database.h"
#include "amanat/threat/look_ahead.h"
#include "amanat/threat/pattern_search.h"
#include "amanat/threat/regex.h"
#include "amanat/threat/unanchored.h"
#include "amanat/threat/work.h"

namespace amanat::threat {

/// What may be kept from object to object.
struct Scratch {
  std::vector<bool> is_candidate;  // by signature
  std::vector<std::uint32_t> candidates;
  std::unordered_map<const Partition*, Unanchored> unanchored;
  std::unordered_map<std::uint32_t, std::optional<CompiledRegex>> regexes;  // by blob of code
};

class Evaluation {
 public:
  Evaluation(const Database::Tables& tables, Scratch& scratch, ByteView text,
             const ObjectFacts& facts, Work& work);

  /// All signatures that fit, in their order.
  std::vector<Hit> run();

  // What the evaluation of one signature asks.
  using Matches = std::vector<PatternMatch>;
  const Database::Tables& tables() const { return tables_; }
  ByteView text() const { return text_; }
  const signature::Layout* layout() const { return layout_ ? &*layout_ : nullptr; }
  Work& work() { return work_; }
  /// The target that decides whether relative offsets need a layout: in a program whose header
  /// makes no sense nothing relative matches, whatever the signature's own target.
  signature::Target governing_target(signature::Target of_signature) const {
    return signature::is_executable(facts_.target) ? facts_.target : of_signature;
  }
  signature::Offset offset_at(std::uint32_t row) const;
  /// The matches of a body that its offset admits, as they are counted.
  Matches find_body(const SubsignatureRow& row, signature::Target target);
  /// Where the bodies of a macro group of this target begin to match, in order.
  std::vector<std::uint64_t> find_group(std::uint32_t target, std::uint32_t group);
  /// Nothing when it is not understood, which compiling has ruled out.
  const CompiledRegex* regex(std::uint32_t blob);
  /// Some question was given up: its answer "no" may be wrong.
  void give_up() { gave_up_ = true; }
  bool gave_up() const { return gave_up_ || work_.used_up(); }

 private:
  void find_anchors();
  void confirm_use(const UseRow& use, std::uint64_t position);
  void add_users(const UseRow& use);
  std::span<const std::uint32_t> users_of(const UseRow& use) const;
  bool is_surely_asked(const UseRow& use) const;
  void order_candidates();
  std::optional<Hit> evaluate(std::uint32_t number);
  Matches find(std::uint32_t pattern, signature::Positions range);
  const Matches& find_anywhere(std::uint32_t pattern);
  void add_at_version_info(std::uint32_t pattern, Matches& matches);

  const Database::Tables& tables_;
  Scratch& scratch_;
  ByteView text_;
  const ObjectFacts& facts_;
  Work& work_;
  const Partition* partition_;
  std::optional<signature::Layout> layout_;
  std::unordered_map<std::uint32_t, KnownPart> known_;  // by pattern
  LookAhead ahead_;
  std::unordered_map<std::uint32_t, Matches> anywhere_;  // by pattern
  std::size_t place_count_ = 0;
  bool gave_up_ = false;
};

}  // namespace amanat::threat
