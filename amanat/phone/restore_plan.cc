#include "amanat/phone/restore_plan.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fnmatch.h>

namespace amanat::phone {
namespace {

constexpr std::uint32_t kGapFramesMax = 2;  // cheaper to fetch than to ask again
constexpr std::size_t kRunsMax = 8;

std::vector<FrameRun> runs_of(const std::vector<Piece>& pieces) {
  std::vector<FrameRun> runs;
  for (const Piece& piece : pieces) {
    const auto first = static_cast<std::uint32_t>(piece.place.offset / seal::kFramePlainBytes);
    const std::uint64_t end = std::uint64_t{piece.place.offset} + std::max(piece.place.stored, 1U);
    const auto last = static_cast<std::uint32_t>((end - 1) / seal::kFramePlainBytes);
    if (!runs.empty() && first <= runs.back().first + runs.back().count + kGapFramesMax) {
      FrameRun& run = runs.back();
      run.count = std::max(run.count, last + 1 - run.first);
    } else {
      runs.push_back({.first = first, .count = last + 1 - first});
    }
  }
  return runs;
}

}  // namespace

std::vector<PackJob> plan_packs(std::vector<Piece> pieces,
                                const std::vector<std::uint32_t>& frames) {
  std::ranges::sort(pieces, {}, [](const Piece& piece) {
    return std::tuple(piece.pack, piece.place.offset, piece.file, piece.offset);
  });
  std::vector<PackJob> jobs;
  for (Piece& piece : pieces) {
    if (jobs.empty() || jobs.back().pack != piece.pack) {
      jobs.push_back({.pack = piece.pack, .pieces = {}, .runs = {}});
    }
    jobs.back().pieces.push_back(piece);
  }
  for (PackJob& job : jobs) {
    std::vector<FrameRun> runs = runs_of(job.pieces);
    std::uint32_t needed = 0;
    for (const FrameRun& run : runs) needed += run.count;
    const bool is_little = needed * 2 < frames.at(job.pack) && runs.size() <= kRunsMax;
    if (is_little) job.runs = std::move(runs);
  }
  return jobs;
}

bool matches(const std::string& pattern, const std::string& path) {
  if (::fnmatch(pattern.c_str(), path.c_str(), 0) == 0) return true;
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (::fnmatch(pattern.c_str(), path.substr(0, slash).c_str(), 0) == 0) return true;
  }
  return false;
}

std::vector<std::string> place_roots(const std::vector<std::string>& paths) {
  if (paths.size() == 1) return {""};
  std::set<std::string> taken;
  std::vector<std::string> places;
  for (const std::string& path : paths) {
    std::string name = path.substr(path.rfind('/') + 1);
    if (name.empty()) name = "root";
    std::string place = name;
    for (int number = 2; !taken.insert(place).second; ++number) {
      place = name + "-" + std::to_string(number);
    }
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace amanat::phone
