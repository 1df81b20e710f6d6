#pragma once

// Runs through a text to the next place of a probe, many positions at a time.

#include <cstdint>

#include "amanat/bytes/bytes.h"
#include "amanat/threat/pattern_code.h"

namespace amanat::threat {

class ProbeScan {
 public:
  /// Looks for a probe of at least one byte; borrows the text, which is at least that long.
  ProbeScan(const Probe& probe, ByteView text);

  /// The first position of the probe in [from, last]; last + 1 when there is none. The probe has to
  /// lie in the text when it begins at `last`.
  std::uint64_t next(std::uint64_t from, std::uint64_t last) const;

 private:
  bool fits_at(std::uint64_t position) const;
  std::uint64_t next_one_by_one(std::uint64_t from, std::uint64_t last) const;

  // One byte of the probe, which every vector of positions is asked for.
  struct Asked {
    std::size_t at = 0;
    std::uint8_t value = 0;
    std::uint8_t mask = 0;
  };

  ByteView text_;
  std::uint64_t value_;
  std::uint64_t mask_;
  std::size_t count_;
  Asked first_;
  Asked second_;
};

}  // namespace amanat::threat
