#pragma once

// What a Database holds, for the parts of this module only.

#include <string>
#include <vector>

#include "amanat/scan/hash_set.h"
#include "amanat/scan/patterns.h"
#include "amanat/scan/scan.h"
#include "amanat/scan/signatures.h"

namespace amanat::scan {

/// Where and in what a pattern counts. `object_size_max` is the rule of the EICAR test file.
struct PatternRule {
  std::uint32_t signature = 0;
  Target target = Target::any;
  Offset offset;
  std::uint64_t object_size_max = ~std::uint64_t{0};

  bool admits(Target kind, std::uint64_t position, std::uint64_t object_size) const {
    return (target == Target::any || target == kind) && object_size <= object_size_max
           && offset.admits(position, object_size);
  }
};

/// Patterns with a rule for each, by the same index.
struct RuledPatterns {
  PatternSet set;
  std::vector<PatternRule> rules;
};

struct SignatureName {
  std::string name;
  std::uint16_t source = 0;
};

struct Database::Tables {
  HashSet hashes;
  HashSet allowed;
  RuledPatterns raw;                 // for the bytes as they are
  RuledPatterns text;                // for the normal form of ASCII files
  std::vector<SignatureName> names;  // by the number of the signature
  std::vector<std::string> sources;
  LoadReport report;
  crypto::Hash version;
};

}  // namespace amanat::scan
