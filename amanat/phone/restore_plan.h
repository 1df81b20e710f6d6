#pragma once

// What to fetch for a restore, and in which order: each pack once, and of a pack of which little is
// needed only the frames that hold it.

#include <cstdint>
#include <string>
#include <vector>

#include "amanat/seal/pack.h"
#include "amanat/seal/tree.h"

namespace amanat::phone {

/// A blob and the place of a file that it fills.
struct Piece {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  std::uint32_t pack = 0;
  seal::PackEntry place;
};

/// Frames [first, first + count) of a pack.
struct FrameRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  friend bool operator==(const FrameRun&, const FrameRun&) = default;
};

struct PackJob {
  std::uint32_t pack = 0;
  std::vector<Piece> pieces;   // in order of their place in the pack
  std::vector<FrameRun> runs;  // what to fetch; empty: the whole pack
};

/// Groups pieces by pack. `frames[p]` is the number of frames of pack p.
std::vector<PackJob> plan_packs(std::vector<Piece> pieces,
                                const std::vector<std::uint32_t>& frames);

/// Whether `path` or a folder above it matches a shell pattern, where `*` matches `/` too.
bool matches(const std::string& pattern, const std::string& path);

/// Names for several protected folders side by side: their last names, numbered where they meet.
std::vector<std::string> place_roots(const std::vector<std::string>& paths);

}  // namespace amanat::phone
