#pragma once

// What signatures mean, said plainly and slowly: the evaluator that tests hold faster ones against.
//
// A pattern is tried at every position. At one position a part has one end: alternatives are tried
// in order, and the first that lets the part match is taken. Parts are joined as ClamAV joins them:
// the last part matches where a chain of earlier parts leads to it, and counts once for each of its
// own places; the match begins where the earliest chain begins.
//
// Where ClamAV reads beside its memory or gives up, the meaning is kept instead: alternatives of
// several lengths at the very front of a part (it goes back over them as if they were prefixes of
// each other) or at the very end of a text, `!(B)` in front of the first byte of a file, and the
// ends of its windows of 128 KiB, which it takes for boundaries.
//
// Costs time in proportion to the text times the pattern, and for gaps more: tests only.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "amanat/signature/logical.h"

namespace amanat::signature {

struct Match {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  friend bool operator==(const Match&, const Match&) = default;
};

/// An object as signatures see it.
struct Object {
  ByteView text;
  Target target = Target::any;       // what it is; signatures for `any` are tried on it too
  const Layout* layout = nullptr;    // of an executable that parses
  std::vector<ObjectType> around{};  // types of the objects it lies in, outermost first
  /// Where the bodies of each macro group begin to match, in order.
  std::vector<std::vector<std::uint64_t>> macro_matches{};
};

/// The target that decides whether relative offsets need a layout: in a program whose header makes
/// no sense nothing relative matches, whatever the signature's own target.
inline Target governing_target(const Object& object, Target of_signature) {
  return is_executable(object.target) ? object.target : of_signature;
}

/// Matches one regular expression: the first match in `text` that begins at `from` or later, only
/// exactly at `from` when `anchored`. Positions count from the start of `text`.
using RegexMatcher = std::function<std::optional<Match>(const Regex& regex, ByteView text,
                                                        std::uint64_t from, bool anchored)>;

/// All matches of a pattern, by their last part's place.
std::vector<Match> find_matches(const Pattern& pattern, ByteView text);

/// The matches of a body that its offset admits, as they are counted: both variants together, each
/// place once. A body for a macro group counts nowhere, and its matches come back all the same.
std::vector<Match> find_matches(const Body& body, Target target, const Object& object);

/// How often each subsignature matches.
std::vector<std::uint32_t> count_matches(const Logical& logical, const Object& object,
                                         const RegexMatcher& regex);

/// Whether a logical signature holds for an object. Icon groups never hold; fuzzy images neither.
bool evaluate(const Logical& logical, const Object& object, const RegexMatcher& regex);
bool evaluate(const BodySignature& signature, const Object& object);

}  // namespace amanat::signature
