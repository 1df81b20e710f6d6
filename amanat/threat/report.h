#pragma once

// What became of every line: how many signatures of each source are in the database, and how many
// are not, with the reason. It travels inside the database.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "amanat/signature/reasons.h"
#include "amanat/threat/labels.h"

namespace amanat::threat {

/// Lines that were left out for one reason.
struct Left {
  signature::Reason reason = signature::Reason::malformed;
  std::uint64_t count = 0;
  std::string example;  // where the first one stands, and what is wrong with it

  friend bool operator==(const Left&, const Left&) = default;
};

struct SourceReport {
  std::uint64_t applied = 0;
  std::uint64_t ignored = 0;  // named by an ignore list
  std::vector<Left> left;     // comments and empty lines are not counted

  friend bool operator==(const SourceReport&, const SourceReport&) = default;
};

/// One for each source, in their order.
using Report = std::vector<SourceReport>;

void note_left(SourceReport& report, const signature::Refusal& refusal, std::string_view where);

Bytes encode_report(const Report& report);
Report decode_report(ByteView code);

}  // namespace amanat::threat
