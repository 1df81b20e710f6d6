#pragma once

// Reads lists of indicators, one file or a folder of them, into one value, and tells what came of
// each list.
//
//   auto loaded = load_indicators({"lists/mvt", "lists/stalkerware"});
//   for (const SourceReport& list : loaded->lists) show(list.applied, list.left_count());
//
// The form of a list is told by its name: .stix2 .stix .json; .yaml .yml; .csv .tsv; .txt .md5
// .sha1 .sha256 .list. Other files in a folder are named as such and not read.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/indicator/indicator.h"
#include "amanat/indicator/reading.h"

namespace amanat::indicator {

inline constexpr std::size_t kListsMax = 10'000;
inline constexpr std::size_t kFolderDepthMax = 16;

struct Loaded {
  Indicators indicators;
  std::vector<SourceReport> lists;       // in the order of their names
  std::vector<std::string> other_files;  // of no form that is read here
};

/// Takes lists one after the other.
class Loader {
 public:
  /// Whether a file of this name is a list.
  static bool is_list(std::string_view name);

  /// Reads one list. A list that cannot be read as a whole is in the report as a failure; others
  /// are not harmed.
  ///
  ///   name     with the folders it lies in: they say where it comes from (`origin_of`)
  void add(std::string_view name, std::string_view text);
  void add_other(std::string_view name) { other_files_.emplace_back(name); }
  void add_failure(std::string_view name, const Error& failure);

  Loaded finish() &&;

 private:
  Indicators::Builder builder_;
  std::vector<SourceReport> lists_;
  std::vector<std::string> other_files_;
};

/// Who published the list of this name, as far as the folders in it are known; else the file's own
/// name and no licence. The class of STIX bundles nobody knows is spyware: that is what they are
/// published for.
Origin origin_of(std::string_view name);

/// Reads files, and folders with all that is in them; links in folders are not followed.
///
///   fails   not_found when a path names nothing, unavailable when a folder cannot be listed
Result<Loaded> load_indicators(const std::vector<std::filesystem::path>& paths);

}  // namespace amanat::indicator
