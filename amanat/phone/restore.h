#pragma once

// Brings back what is in the vault: the newest snapshot of each device, or a part of it.
//
// A restore can be repeated: what is there already, with the size and time it had, is kept. Where
// packs are damaged, the files they touch are named and all others come back. What is lost of a
// file reads as zeros; the file is marked, so that a later restore replaces it, and never takes the
// place of one that stood there.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "amanat/consent/category.h"
#include "amanat/error/error.h"
#include "amanat/phone/progress.h"
#include "amanat/phone/session.h"

namespace amanat::phone {

struct RestoreOptions {
  std::filesystem::path destination;
  std::optional<consent::Category> only;
  std::optional<std::string> pattern;  // of paths below a protected folder
  bool overwrite = false;              // replace files that are there and differ
  bool verify = false;                 // look into files that are there instead of at their times
};

struct DamagedFile {
  std::string path;
  std::string reason;
};

struct RestoreReport {
  std::uint64_t files = 0;  // written now
  std::uint64_t bytes = 0;
  std::uint64_t links = 0;    // symbolic and hard
  std::uint64_t folders = 0;  // protected folders
  std::uint64_t already_there = 0;
  std::uint64_t fetched_bytes = 0;
  std::uint64_t closed_trees = 0;  // a withdrawal closed them for good
  std::vector<std::string> in_the_way;
  std::vector<DamagedFile> damaged;
  std::vector<DamagedFile> unnamed;  // lost lists of another phone's files: where, and why

  bool needs_attention() const {
    return !in_the_way.empty() || !damaged.empty() || !unnamed.empty();
  }
};

Result<RestoreReport> restore(Session& session, const RestoreOptions& options, Progress& progress);

}  // namespace amanat::phone
