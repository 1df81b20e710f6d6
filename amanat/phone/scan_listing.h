#pragma once

// Lists the files to scan below a folder: one stat for each, and none is opened.
//
// Several threads read folders side by side, because a stat is mostly waiting for the kernel.
// Links are not followed; what can be no file is told, so that nothing is left out in silence.

#include <cstdint>
#include <string>
#include <vector>

#include "amanat/error/error.h"
#include "amanat/phone/open_file.h"

namespace amanat::phone {

struct ListedFile {
  std::string name;  // in its folder
  FileStamp stamp;
};

/// The files of one folder, by name.
struct ListedFolder {
  std::string path;  // below the folder that was asked for, with '/' at its end; empty for itself
  std::vector<ListedFile> files;
  std::vector<std::string>
      left_out;  // names: what is no file, no folder and no link, or unreadable
};

/// Every folder below `folder`, itself first, in the order of their paths; those without anything
/// to tell are not there.
///
///   threads   how many may read at a time, this one included
///   fails     denied when the folder itself cannot be listed
Result<std::vector<ListedFolder>> list_to_scan(const OpenFile& folder, std::size_t threads);

}  // namespace amanat::phone
